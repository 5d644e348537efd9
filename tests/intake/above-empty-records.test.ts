import { expect, it } from 'vitest';
import type { Dialect } from '../../src/core/csv/types.ts';
import { aboveEmptyRecords, type EmptyEnd, type EmptyOptions } from '../../src/intake/above-empty-records.ts';

function end(
  text: string,
  dialect: Partial<Dialect> = {},
  options: Partial<EmptyOptions> = {},
): Promise<EmptyEnd> {
  const bytes = Buffer.from(text);
  return aboveEmptyRecords(
    (range) => Promise.resolve(bytes.subarray(range.startByte, range.endByte)),
    2,
    bytes.length,
    { delimiter: ',', ...dialect },
    { emptyRecords: 'skip', emptyFile: 'refuse', ...options },
    bytes.subarray(-8),
  );
}

it.each<[string, number, string, Partial<Dialect>?]>([
  ['x\na,b\n,\n,\n', 2, 'x\na,b\n'],
  ['x\na,b\n,\r\n\r\n,', 2, 'x\na,b\n'],
  ['x\na,b\r,\r,\r', 2, 'x\na,b\r'],
  ['x\na,\n', 0, 'x\na,\n'],
  ['x\na,b\n,\nc,\n,\n', 1, 'x\na,b\n,\nc,\n'],
  ['x\na,b\n"",""\n', 0, 'x\na,b\n"",""\n'],
  ['x\na,b\n , \n', 0, 'x\na,b\n , \n'],
  ['x\na,b\n, \n', 1, 'x\na,b\n', { skipInitialSpace: true }],
  ['x\na,b\n\n\n', 0, 'x\na,b\n\n\n'],
  ['x\na\t\n\t\t\n', 1, 'x\na\t\n', { delimiter: '\t' }],
  ['x\na,b\n, \n', 0, 'x\na,b\n, \n', { delimiter: ', ' }],
  ['x\na,b\n,\n', 0, 'x\na,b\n,\n', { databaseText: 'postgres-csv' }],
  ['x\na,b\n#,\n', 0, 'x\na,b\n#,\n', { comment: '#' }],
])('%j has %d empty records at its end', async (text, records, above, dialect) => {
  expect(await end(text, dialect)).toEqual({ dataEnd: above.length, records });
});

it('looks as far up as it must', async () => {
  expect(await end(`x\na,b\n${',\n'.repeat(100_000)}`)).toEqual({ dataEnd: 6, records: 100_000 });
});

it('a text of nothing else is refused, or holds no record', async () => {
  await expect(end('x\n,\n,\n')).rejects.toMatchObject({ code: 'FILE_HEADER_ONLY' });
  expect(await end('x\n,\n,', {}, { emptyFile: 'accept' })).toEqual({ dataEnd: 2, records: 2 });
});

it('leaves nothing out where they are records', async () => {
  expect(await end('x\na,b\n,\n', {}, { emptyRecords: 'keep' })).toEqual({ dataEnd: 8, records: 0 });
});
