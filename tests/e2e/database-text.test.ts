// The text that Postgres itself writes, sent to Sluice: each value comes back as it was, NULL and the empty text apart.
import { buffer } from 'node:stream/consumers';
import { to } from 'pg-copy-streams';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Dataset } from '../../src/core/dataset/types.ts';
import type { RowError } from '../../src/core/imports/row-error.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';

const NOTES: Dataset = {
  name: 'notes',
  schema: {
    fields: [
      { name: 'key', type: 'integer', constraints: { required: true } },
      { name: 'text', type: 'string', missingValues: [] },
      { name: 'size', type: 'number', missingValues: ['-'] },
    ],
  },
  target: { table: 'notes' },
};

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice({ datasets: [NOTES] });
  await sluice.startWorker();
});
afterAll(() => sluice.stop());

type Json = Record<string, unknown>;

async function copyOut(query: string): Promise<Buffer> {
  const client = await sluice.database.pool.connect();
  try {
    return await buffer(client.query(to(`COPY (${query}) TO STDOUT`)));
  } finally {
    client.release();
  }
}

async function importText(content: Buffer | string, query: string): Promise<{ id: string; task: Json }> {
  const answer = await sluice.send('notes', content, `&header=false&${query}`);
  const { id } = (await answer.json()) as { id: string };
  expect(answer.status).toBe(202);
  return { id, task: (await sluice.ended(id)) as unknown as Json };
}

const landed = async (id: string): Promise<unknown[]> => {
  const { rows } = await sluice.database.pool.query<unknown[]>({
    text: 'SELECT key::int, text, size::text FROM notes WHERE import_id = $1 ORDER BY import_row',
    values: [id],
    rowMode: 'array',
  });
  return rows;
};

it('COPY … TO STDOUT comes back as it was', async () => {
  const { pool } = sluice.database;
  await pool.query(`CREATE TABLE original (key int, text text, size numeric);
    INSERT INTO original
    SELECT n, CASE n % 9 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN E'a\\tb\\\\' WHEN 3 THEN E'two\\nlines\\r\\n'
      WHEN 4 THEN '\\N' WHEN 5 THEN '\\.' WHEN 6 THEN '"quoted", ''so''' WHEN 7 THEN E'\\x01\\x0b\\x0c\\x08' ELSE '漢字 é' END,
      CASE n % 4 WHEN 0 THEN NULL ELSE n * 1.50 END
    FROM generate_series(1, 5000) n`);
  const text = await copyOut('SELECT * FROM original ORDER BY key');
  const { id, task } = await importText(text, 'dialect=postgres-text');
  expect(task).toMatchObject({ status: 'succeeded', result: { loaded: 5000, rejected: 0 } });
  const differing = await pool.query(
    `SELECT o.key FROM original o FULL JOIN (SELECT * FROM notes WHERE import_id = $1) n ON n.key = o.key
     WHERE (o.text, o.size) IS DISTINCT FROM (n.text, n.size)`,
    [id],
  );
  expect(differing.rows).toEqual([]);
});

it('that nobody has declared is asked for, and what cannot be kept is named with its line', async () => {
  const asked = await sluice.send('notes', '1\tx\t\\N\n', '&header=false');
  expect([asked.status, ((await asked.json()) as Json).code]).toEqual([422, 'FILE_DIALECT']);
  const { id, task } = await importText(
    '1\ta\\\nb\t1.5\n\\N\tx\t-\n3\t\\0\t\\N\n4\t\\N\t-\n',
    'dialect=mysql',
  );
  expect(task).toMatchObject({ status: 'succeeded', result: { loaded: 2, rejected: 2 } });
  expect(await landed(id)).toEqual([
    [1, 'a\nb', '1.5'],
    [4, null, null],
  ]);
  const { data } = (await (await sluice.fetch(`/v1/imports/${id}/errors`)).json()) as { data: RowError[] };
  expect(data).toMatchObject([
    { row: 2, line: 3, column: { name: 'key' }, code: 'constraint-error', value: null },
    { row: 3, line: 4, column: { name: 'text' }, code: 'encoding-error' },
  ]);
  const rejects = await (await sluice.fetch(`/v1/imports/${id}/rejects.csv?raw=true`)).text();
  expect(rejects.split('\r\n').slice(1, 2)).toEqual([expect.stringMatching(/^2,.*,,x,-$/)]);
});

it('\\N behind the part of the file that is looked at first is refused, not landed', async () => {
  const lines = Array.from(
    { length: 3000 },
    (_, at) => `${at},a text that is long enough to be far down,1\n`,
  );
  const { id, task } = await importText(`${lines.join('')}3000,\\N,1\n`, '');
  expect(task).toMatchObject({ status: 'succeeded', result: { loaded: 3000, rejected: 1 } });
  const { data } = (await (await sluice.fetch(`/v1/imports/${id}/errors`)).json()) as { data: RowError[] };
  expect(data).toMatchObject([{ row: 3001, column: { name: 'text' }, value: '\\N' }]);
});
