// Where the records end when lines are to be skipped and records without a value stand below them.
import { expect, it } from 'vitest';
import { endOfRecords } from '../../src/intake/end-of-records.ts';

function end(text: string, footer: number, emptyRecords: 'skip' | 'keep' = 'skip', columns = 3) {
  const bytes = Buffer.from(text);
  return endOfRecords(
    ({ startByte, endByte }) => Promise.resolve(bytes.subarray(startByte, endByte)),
    { dataStart: 0, textEnd: bytes.length, dialect: { delimiter: ',' }, columns },
    footer,
    { emptyRecords, emptyFile: 'refuse' },
  );
}

it.each<[string, number, string, number]>([
  ['1,a,x\nTotal,,5\n,,\n', 1, '1,a,x\n', 1],
  ['1,a,x\nTotal,,5\n,,\n,,\n', 1, '1,a,x\n', 2],
  ['1,a,x\n2,b,y\nTotal,,5\n,,\n', 2, '1,a,x\n2,b,y\n', 1],
  ['1,a,x\n2,b,y\nTotal,,5\n,,\n,,\n', 3, '1,a,x\n2,b,y\n', 2],
  ['1,a,x\nTotal,,5\n,,\n,,\n', 3, '1,a,x\n', 2],
  ['1,a,x\nTotal,,5\nAverage,,5\n,,\n', 2, '1,a,x\n', 1],
  ['1,a,x\nNote: all in USD\n,,\n', 1, '1,a,x\n', 1],
  ['1,a,x\nmade by hand,,\n,,\n', 1, '1,a,x\n', 1],
  ['1,a,x\n2,b,y\n,,\n', 1, '1,a,x\n2,b,y\n', 1],
  ['1,a,x\n,,\nTotal,,5\n,,\n', 1, '1,a,x\n', 2],
  ['1,a,x\nTotal,,5\n', 1, '1,a,x\n', 0],
  ['1,a,x\nTotal,,5\n,,\n', 0, '1,a,x\nTotal,,5\n', 1],
])('%j with skipFooter=%d', async (text, footer, above, records) => {
  expect(await end(text, footer)).toEqual({ dataEnd: above.length, records });
});

it('asks where it decides over a record, and the lines do not show it', async () => {
  await expect(end('1,a,x\n2,b,y\nTotal,,5\n,,\n,,\n', 2)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  expect(await end('1,a,x\n2,b,y\nTotal,,5\n,,\n,,\n', 3, 'keep')).toEqual({
    dataEnd: '1,a,x\n2,b,y\n'.length,
    records: 0,
  });
  await expect(end(',,\n,,\n', 1)).rejects.toMatchObject({ code: 'FILE_HEADER_ONLY' });
});
