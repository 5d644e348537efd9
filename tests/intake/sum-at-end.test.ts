// Totals without a word in files that are added up, and in longer ones.
import { expect, it } from 'vitest';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { sumAtEnd } from '../../src/intake/sum-at-end.ts';

const SALES: Dataset = {
  name: 'sales',
  schema: {
    fields: [
      { name: 'item', type: 'string' },
      { name: 'price', type: 'number' },
    ],
  },
  target: { table: 'sales' },
};

async function sumOf(text: string, mostBytes: number) {
  const bytes = Buffer.from(text);
  let readBytes = 0;
  const total = await sumAtEnd(
    SALES,
    {
      dialect: { delimiter: ',' },
      columns: [
        { header: 'item', fieldIndex: 0 },
        { header: 'price', fieldIndex: 1 },
      ],
      dataStart: 0,
      dataLine: 2,
      dataEnd: bytes.length,
    },
    ({ startByte, endByte }) => {
      readBytes += endByte - startByte;
      return Promise.resolve(bytes.subarray(startByte, endByte));
    },
    { maxRecordBytes: 1000 },
    { shown: (cell) => cell, notes: 0, mostBytes },
  );
  return { total: total && (total.isLikely ? `may be ${total.column}` : `is ${total.column}`), readBytes };
}

const RECORDS = 'a,2\n"b\nc",3.5\n'.repeat(50);

it.each<[string, string, number, string | undefined]>([
  ['the sum', `${RECORDS},275\n`, 10_000, 'is 1'],
  ['another number', `${RECORDS},275.5\n`, 10_000, undefined],
  ['the sum, of more than is added up', `${RECORDS},275\n`, 200, 'may be 1'],
  ['a larger number, of more than is added up', `${RECORDS},5000.25\n`, 200, 'may be 1'],
  ['a number that is less than what was added up', `${RECORDS},3\n`, 200, undefined],
  ['a number of another sign', `${RECORDS},-275\n`, 200, undefined],
  ['any number where both signs were added up', `a,-1\n${RECORDS},3\n`, 200, 'may be 1'],
  ['a record that lacks what another one lacks', `,2\n${RECORDS},275\n`, 200, undefined],
])('%s', async (_name, text, mostBytes, says) => {
  expect((await sumOf(text, mostBytes)).total).toBe(says);
});

it('reads the end of a long file, and what is added up to scan it and to read its records', async () => {
  const { readBytes } = await sumOf(`${RECORDS.repeat(500)},137500\n`, 200);
  expect(readBytes).toBeLessThan(64 * 1024 + 1000);
});
