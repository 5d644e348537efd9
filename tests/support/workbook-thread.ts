// A thread runs what was compiled: tests themselves run the source.
export const WORKBOOK_THREAD = new URL('../../dist/intake/excel/workbook-thread.js', import.meta.url);
