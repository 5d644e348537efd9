// The text that Postgres itself writes, sent to Sluice: each value comes back as it was, NULL and the empty text apart.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { from, to } from 'pg-copy-streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/core/dataset/types.ts';
import type { RowError } from '../../src/core/imports/row-error.ts';
import { isBefore } from '../support/other-postgres.ts';
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

/** Its notations are none that Postgres writes. */
const KINDS: Dataset = {
  name: 'kinds',
  schema: {
    fields: [
      { name: 'key', type: 'integer', groupChar: '.' },
      { name: 'flag', type: 'boolean', trueValues: ['f'], falseValues: ['t'] },
      { name: 'size', type: 'number', decimalChar: ',', groupChar: '.', constraints: { minimum: -1e6 } },
      { name: 'day', type: 'date', format: '%d/%m/%Y', constraints: { minimum: '31/12/0001' } },
      { name: 'at', type: 'datetime', constraints: { unique: true } },
      { name: 'local', type: 'datetime', timeZone: 'Asia/Tokyo' },
      { name: 'clock', type: 'time', format: '%H.%M' },
      { name: 'text', type: 'string' },
      { name: 'bytes', type: 'string' },
      { name: 'list', type: 'string' },
      { name: 'json', type: 'object' },
    ],
  },
  target: { table: 'kinds' },
};

const WORDS: Dataset = {
  name: 'words',
  schema: { fields: [{ name: 'word', type: 'string' }] },
  target: { table: 'words' },
};

beforeAll(async () => {
  sluice = await startSluice({ datasets: [NOTES, KINDS, WORDS] });
  await sluice.startWorker();
});
afterAll(() => sluice.stop());

type Json = Record<string, unknown>;

async function copyOut(query: string, options = '', settings = ''): Promise<Buffer> {
  const client = await sluice.database.pool.connect();
  try {
    await client.query(settings);
    return await buffer(client.query(to(`COPY (${query}) TO STDOUT ${options}`)));
  } finally {
    await client.query('RESET ALL');
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

const KINDS_TABLE = `CREATE TABLE kinds_before (key bigint, flag boolean, size numeric, day date, at timestamptz, local timestamp, clock time,
    text text, bytes bytea, list text[], json jsonb);
  INSERT INTO kinds_before SELECT n, (ARRAY[true, false, NULL])[n % 3 + 1], (n - 3000) * 1.234,
      CASE n % 50 WHEN 0 THEN 'infinity' WHEN 1 THEN NULL ELSE date '0002-01-01' + n * 100 END,
      CASE n WHEN 7 THEN '-infinity' ELSE timestamptz '1850-01-01 00:00:00.000001Z' + n * interval '9 days 1.000001 seconds' END,
      CASE n % 50 WHEN 2 THEN 'infinity' ELSE timestamp '2024-01-31 13:45:00' + n * interval '1.5 hours' END,
      CASE n % 50 WHEN 3 THEN '24:00' ELSE time '00:00' + n * interval '1.25 seconds' END,
      CASE n % 8 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN E'a,"b"\\n\\r\\n' WHEN 3 THEN E'\\\\N' WHEN 4 THEN ' x ' WHEN 5 THEN 'Total' ELSE '漢字' END,
      decode(md5(n::text), 'hex'), ARRAY['a,b', NULL, '"', n::text], jsonb_build_object('n', n, 't', E'"\\n')
    FROM generate_series(1, 5000) n`;

it.each([
  { dialect: 'postgres-csv', options: '(FORMAT csv, HEADER)', zone: 'Asia/Calcutta' },
  { dialect: 'postgres-csv', options: '(FORMAT csv, HEADER, FORCE_QUOTE *)', zone: 'Asia/Kathmandu' },
  { dialect: 'postgres-csv&delimiter=;', options: `(FORMAT csv, HEADER, DELIMITER ';')`, zone: 'UTC' },
  // Older ones write no header there.
  ...(isBefore(15) ? [] : [{ dialect: 'postgres-text', options: '(HEADER)', zone: 'Europe/Berlin' }]),
])('each type of value comes back from COPY … TO $options', async ({ dialect, options, zone }) => {
  const { pool } = sluice.database;
  await pool.query(`DROP TABLE IF EXISTS kinds_before; TRUNCATE kinds; ${KINDS_TABLE}`);
  const text = await copyOut('SELECT * FROM kinds_before ORDER BY key', options, `SET TimeZone = '${zone}'`);
  const answer = await sluice.send('kinds', text, `&dialect=${dialect}`);
  const told = (await answer.json()) as { id: string };
  expect([answer.status, told]).toEqual([202, expect.anything()]);
  const task = await sluice.ended(told.id);
  // Without missing values of its own the dataset takes what Postgres says of NULL.
  expect(task).toMatchObject({ status: 'succeeded', result: { loaded: 5000, rejected: 0 } });
  const differing = await pool.query(
    `SELECT key, b.*, k.* FROM kinds_before b FULL JOIN kinds k USING (key)
     WHERE (b.flag, b.size, b.day, b.at, b.local AT TIME ZONE 'Asia/Tokyo', b.clock, b.text, b.bytes::text, b.list::text, b.json)
       IS DISTINCT FROM (k.flag, k.size, k.day, k.at, k.local, k.clock, k.text, k.bytes, k.list, k.json)`,
  );
  expect(differing.rows).toEqual([]);
});

it('what Sluice does not take of Postgres is named, and comes back mended with NULL and the empty text as they were', async () => {
  const { pool } = sluice.database;
  await pool.query('TRUNCATE kinds');
  const header = 'key,flag,size,day,at,local,clock,text,bytes,list,json\n';
  const text = `1,t,NaN,,,,,"",,,\n2,yes,,0044-03-15 BC,,,,,"",,\n3,,1.234,10000-01-01,,,24:00:00,,,,\n4,"",$1.50,,2024-01-31 13:45,,,,,,\n5,f,1,,2024-01-31 13:45:00+15:30:59,,,a,b,,\n`;
  const answer = await sluice.send('kinds', header + text, '&dialect=postgres-csv');
  const { id } = (await answer.json()) as { id: string };
  expect(await sluice.ended(id)).toMatchObject({ status: 'succeeded', result: { loaded: 1, rejected: 4 } });
  const { data } = (await (await sluice.fetch(`/v1/imports/${id}/errors`)).json()) as { data: RowError[] };
  expect(data.map(({ row, column, message }) => [row, column?.name, message])).toEqual([
    [1, 'size', expect.stringContaining('not a finite number')],
    [2, 'flag', expect.stringContaining('expects one of t, true (true) or f, false (false)')],
    [2, 'day', expect.stringContaining('before the year 0001')],
    [3, 'day', expect.stringContaining('behind the year 9999')],
    [4, 'flag', expect.stringContaining('got ""')],
    [4, 'size', expect.stringContaining('expects a number like 1234.5')],
    [4, 'at', expect.stringContaining('a timestamp of Postgres like')],
  ]);
  const rejects = await (await sluice.fetch(`/v1/imports/${id}/rejects.csv`)).text();
  const mended = rejects
    .replace(',NaN,', ',1,')
    .replace(',yes,', ',t,')
    .replaceAll('0044-03-15 BC', '2024-03-15')
    .replaceAll('10000-01-01', '2024-01-01')
    .replace(',"",$1.50,,2024-01-31 13:45,', ',f,1.50,,2024-01-31 13:45:00,');
  const again = await sluice.fetch(`/v1/imports/${id}/retries?dialect=postgres-csv`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: mended,
  });
  const retry = (await again.json()) as { id: string };
  expect([again.status, retry]).toEqual([202, expect.anything()]);
  expect(await sluice.ended(retry.id)).toMatchObject({ result: { loaded: 4, rejected: 0 } });
  const { rows } = await pool.query({
    text: 'SELECT key::int, flag, size::text, text, bytes, clock FROM kinds ORDER BY key',
    rowMode: 'array',
  });
  expect(rows).toEqual([
    [1, true, '1', '', null, null],
    [2, true, null, null, '', null],
    [3, null, '1.234', null, null, '24:00:00'],
    [4, false, '1.50', null, null, null],
    [5, false, '1', 'a', 'b', null],
  ]);
});

describe('CSV of Postgres with one column', () => {
  const words = async (): Promise<unknown[]> =>
    (await sluice.database.pool.query('SELECT word FROM words ORDER BY import_id, import_row')).rows.map(
      (row: { word: unknown }) => row.word,
    );
  const VALUES = [null, 'a', '', null, null, 'x\n\ny', ',', '"', '\\.', ' ', 'Σ', null];

  async function fill(): Promise<void> {
    await sluice.database.pool.query(
      `DROP TABLE IF EXISTS words_before; CREATE TABLE words_before (n int GENERATED ALWAYS AS IDENTITY, word text)`,
    );
    await sluice.database.pool.query('INSERT INTO words_before (word) SELECT unnest($1::text[])', [VALUES]);
  }

  it.each([
    { options: 'HEADER', query: '' },
    { options: 'HEADER, FORCE_QUOTE *', query: '' },
    { options: `HEADER, DELIMITER ';', QUOTE ''''`, query: `&delimiter=;&quote='` },
    { options: 'HEADER false', query: '&header=false' },
  ])('a blank line is NULL, as COPY FROM reads it ($options)', async ({ options, query }) => {
    const { pool } = sluice.database;
    await fill();
    const format = `(FORMAT csv, ${options})`;
    const text = await copyOut('SELECT word FROM words_before ORDER BY n', format);
    await pool.query('TRUNCATE words; DROP TABLE IF EXISTS words_read; CREATE TABLE words_read (word text)');
    const client = await pool.connect();
    await pipeline(
      Readable.from([text]),
      client.query(from(`COPY words_read FROM STDIN ${format.replace(', FORCE_QUOTE *', '')}`)),
    );
    client.release();
    const answer = await sluice.send('words', text, `&dialect=postgres-csv&ifDuplicate=allow${query}`);
    const told = (await answer.json()) as { id: string };
    expect([answer.status, told]).toEqual([202, expect.anything()]);
    expect(await sluice.ended(told.id)).toMatchObject({ result: { loaded: VALUES.length, rejected: 0 } });
    expect(await words()).toEqual(VALUES);
    const differing = await pool.query(
      `(SELECT word, count(*) FROM words GROUP BY 1) EXCEPT (SELECT word, count(*) FROM words_read GROUP BY 1)`,
    );
    expect(differing.rows).toEqual([]);
  });

  it('an export of one field comes back, over many chunks and without any value', async () => {
    const { pool } = sluice.database;
    await pool.query('TRUNCATE words');
    const send = async (text: string | Buffer): Promise<unknown> => {
      const answer = await sluice.send('words', text, '&dialect=postgres-csv');
      return (await sluice.ended(((await answer.json()) as { id: string }).id)).result;
    };
    const text = await copyOut(
      `SELECT CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'word ' || n END AS word FROM generate_series(1, 300000) n`,
      '(FORMAT csv, HEADER)',
    );
    expect(await send(text)).toMatchObject({ loaded: 300_000, rejected: 0 });
    const exported = await (await sluice.fetch('/v1/datasets/words/records.csv?select=word')).text();
    expect(exported.split(/\r?\n/).filter((line) => line === '')).toHaveLength(100_001);
    await pool.query(
      'CREATE TABLE words_kept AS SELECT word, count(*) AS n FROM words GROUP BY 1; TRUNCATE words',
    );
    expect(await send(exported)).toMatchObject({ loaded: 300_000, rejected: 0 });
    const differing = await pool.query(
      `WITH back AS (SELECT word, count(*) AS n FROM words GROUP BY 1)
       (TABLE back EXCEPT TABLE words_kept) UNION ALL (TABLE words_kept EXCEPT TABLE back)`,
    );
    expect(differing.rows).toEqual([]);
    await pool.query('TRUNCATE words');
    expect(await send('word\n\n\n')).toMatchObject({ loaded: 2, rejected: 0 });
    expect(await words()).toEqual([null, null]);
    const inferred = await sluice.fetch('/v1/datasets/infer?name=w&dialect=postgres-csv', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: 'word\n1\n\n3\n',
    });
    expect(await inferred.json()).toMatchObject({ records: 3 });
  });

  it('a blank line between records of two columns is none', async () => {
    const { id, task } = await importText('1,a,\n\n2,,\n', 'dialect=postgres-csv');
    expect(task).toMatchObject({ result: { loaded: 2, rejected: 0 } });
    expect(await landed(id)).toHaveLength(2);
  });
});
