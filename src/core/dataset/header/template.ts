// A CSV file to fill in: the dataset's header and one example record.
import { formatCsvRecord } from '../../csv/records/writer.ts';
import { guard } from '../../imports/spreadsheet-guard.ts';
import type { Dataset, Field } from '../types.ts';

/** Without it, Excel takes UTF-8 for the system's old encoding and shows Japanese as garbage. */
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Titles (people know their columns by them; headers match by title) and `example` values; CRLF as in RFC 4180. The file comes back
 * filled in, with nothing to take a guard off: so what a spreadsheet could run is not in it. A column has its name then, and no example.
 */
export function templateCsv({ schema: { fields } }: Dataset): string {
  const header = fields.map((field) => {
    const shown = headerOf(field);
    return guard(shown) === shown ? shown : field.name;
  });
  const example = fields.map(exampleOf);
  const records = example.every((cell) => cell === '') ? [header] : [header, example];
  return BYTE_ORDER_MARK + records.map((record) => formatCsvRecord(record)).join('');
}

/** What people know the column of a field by. */
export function headerOf({ title, lookup, name }: Field): string {
  return title ?? lookup?.field ?? name;
}

/** A signed number is one in a spreadsheet too. */
const SIGNED_NUMBER = /^[+-][0-9]+(?:[.,][0-9]+)*$/;

function exampleOf({ example = '' }: Field): string {
  if (SIGNED_NUMBER.test(example)) return example;
  return guard(example) === example ? example : '';
}
