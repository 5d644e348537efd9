// How many records of a file may be rejected: `100`, or `2.5%` of them.

const COUNT = /^\d{1,15}$/;
const PERCENT = /^(\d{1,3}(?:\.\d{1,4})?)%$/;
const PERCENT_SCALE = 10_000;

export function isMaxErrors(text: string): boolean {
  const percent = PERCENT.exec(text)?.[1];
  return COUNT.test(text) || (percent !== undefined && Number(percent) <= 100);
}

/** In whole numbers, so that a limit is met to the record. @param maxErrors as `isMaxErrors` takes it; null: no limit */
export function exceedsMaxErrors(maxErrors: string | null, rejected: number, records: number): boolean {
  if (maxErrors === null) return false;
  const percent = PERCENT.exec(maxErrors)?.[1];
  if (percent === undefined) return rejected > Number(maxErrors);
  return rejected * 100 * PERCENT_SCALE > Math.round(Number(percent) * PERCENT_SCALE) * records;
}
