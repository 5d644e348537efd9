import fc from 'fast-check';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { guard } from '../../../src/core/imports/spreadsheet-guard.ts';
import { CsvGuard } from '../../../src/outcome/records/csv-guard.ts';

/** Of three columns, the second has numbers. */
const TEXTS = [true, false, true];

/** As Postgres quotes: what would end the cell or open it, and the empty text, since NULL is an empty cell. */
function cell(text: string | null): string {
  if (text === null) return '';
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const csv = (rows: readonly (readonly (string | null)[])[]): string =>
  rows.map((row) => `${row.map(cell).join(',')}\n`).join('');

async function guarded(file: string, step: number): Promise<string> {
  const bytes = Buffer.from(file);
  const pieces = Array.from({ length: Math.ceil(bytes.length / step) }, (_, at) =>
    bytes.subarray(at * step, (at + 1) * step),
  );
  return String(await buffer(Readable.from(pieces).pipe(new CsvGuard(TEXTS))));
}

it('guards each text as its own function does, wherever the stream is cut', async () => {
  const piece = fc.constantFrom(...'=+-@＝＋－＠\'";\t\r\n,a1é', '\\.', '""');
  const text = fc.oneof(
    fc.constant(null),
    fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')),
  );
  const number = fc.option(fc.integer().map(String), { nil: null });
  const row = fc.tuple(text, number, text);
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 5 }), fc.integer({ min: 1, max: 9 }), async (rows, step) => {
      const header = ['=name', 'amount', 'a,\n"note"'];
      const asked = rows.map(([name, amount, note]) => [
        name === null ? null : guard(name),
        amount,
        note === null ? null : guard(note),
      ]);
      expect(await guarded(csv([header, ...rows]), step)).toBe(csv([header, ...asked]));
    }),
    { numRuns: 300 },
  );
});

it.each([
  ['a formula', '=1', "'=1"],
  ['a formula in quotes', '"=1,2"', `"'=1,2"`],
  ['a quote before it', '"""=1"', `"'""=1"`],
  ['a formula behind what may end the cell elsewhere', 'a;=1', "a;'=1"],
  ['a full-width sign', '＝1', "'＝1"],
  ['another text of the same first byte', 'ｱ', 'ｱ'],
  ['the empty text', '""', '""'],
  ['nothing', '', ''],
])('%s', async (_name, before, after) => {
  for (const step of [1, 2, 1000])
    expect(await guarded(`a,b,c\n${before},-5,${before}\n`, step)).toBe(`a,b,c\n${after},-5,${after}\n`);
});
