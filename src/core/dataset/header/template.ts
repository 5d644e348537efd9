// A CSV file to fill in: the dataset's header and one example record.
import type { Dataset } from '../types.ts';

/** Without it, Excel takes UTF-8 for the system's old encoding and shows Japanese as garbage. */
const BYTE_ORDER_MARK = '\uFEFF';

/** Titles (people know their columns by them; headers match by title) and `example` values; CRLF as in RFC 4180. */
export function templateCsv({ schema: { fields } }: Dataset): string {
  const header = fields.map(({ title, name }) => title ?? name);
  const example = fields.map((field) => field.example ?? '');
  const records = example.every((cell) => cell === '') ? [header] : [header, example];
  return BYTE_ORDER_MARK + records.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

function quoted(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
