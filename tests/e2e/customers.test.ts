// What the README promises a new user, with the shipped dataset and example files.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RowError } from '../../src/core/imports/row-error.ts';
import { REPOSITORY, spawnSluice } from '../support/processes.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice();
  await sluice.startWorker();
});
afterAll(() => sluice.stop());

const example = (name: string): Promise<string> => readFile(join(REPOSITORY, 'examples', name), 'utf8');

async function send(content: string): Promise<string> {
  const response = await sluice.send('customers', content);
  const body = (await response.json()) as { id: string };
  expect(response.status, JSON.stringify(body)).toBe(202);
  return body.id;
}

async function one(statement: string): Promise<Record<string, unknown>> {
  return (await sluice.database.pool.query<Record<string, unknown>>(statement)).rows[0]!;
}

describe('examples/customers.csv', () => {
  it('lands as 1,000 customers, each with its address', async () => {
    const id = await send(await example('customers.csv'));
    expect(await sluice.ended(id)).toMatchObject({
      status: 'succeeded',
      result: { records: 1000, loaded: 1000, rejected: 0, errors: 0 },
    });
    expect(
      await one(`SELECT count(*)::int AS customers, count(a.id)::int AS addresses, count(DISTINCT c.import_row)::int AS rows,
                        bool_and(c.phone_no ~ '^0[0-9]{10}$') AS phones, bool_and(a.post_no ~ '^[0-9]{7}$') AS posts
                   FROM customers c LEFT JOIN addresses a ON a.id = c.address_id WHERE c.import_id = '${id}'`),
    ).toEqual({ customers: 1000, addresses: 1000, rows: 1000, phones: true, posts: true });
    // Row 125: a quoted cell with a line break.
    expect(
      await one(
        `SELECT a.other FROM customers c JOIN addresses a ON a.id = c.address_id WHERE c.import_id = '${id}' AND c.import_row = 125`,
      ),
    ).toMatchObject({
      other: expect.stringMatching(/^みなとビル\d階\n\(受付は1階\)$/),
    });
  });
});

describe('examples/customers-with-errors.csv', () => {
  it('lands its good rows, tells each error, and gives the rejects back, which land when fixed', async () => {
    const id = await send(await example('customers-with-errors.csv'));
    expect(await sluice.ended(id)).toMatchObject({
      status: 'succeeded',
      result: { records: 100, loaded: 85, rejected: 15, errors: 17 },
    });

    const { data } = (await (await sluice.fetch(`/v1/imports/${id}/errors?limit=200`)).json()) as {
      data: RowError[];
    };
    expect(data.map(({ row, column, code, constraint }) => [row, column?.name, constraint ?? code])).toEqual([
      [5, '氏名', 'required'],
      [12, '氏名', 'maxLength'],
      [18, '生年月日', 'type-error'],
      [23, '生年月日', 'type-error'],
      [29, '生年月日', 'type-error'],
      [34, 'メールアドレス', 'type-error'],
      [41, '電話番号', 'pattern'],
      [47, '電話番号', 'pattern'],
      [52, '郵便番号', 'pattern'],
      [58, '郵便番号', 'missing-cell'],
      [63, expect.anything(), 'extra-cell'],
      [70, '氏名', 'required'],
      [70, '生年月日', 'type-error'],
      [70, '郵便番号', 'pattern'],
      [77, expect.anything(), 'quote-error'],
      [84, expect.anything(), 'quote-error'],
      [91, 'メールアドレス', 'type-error'],
    ]);
    // `line` is where an editor shows the record: the header is line 1, and no cell before row 5 breaks a line.
    expect(data[0]).toMatchObject({ row: 5, line: 6 });

    const rejects = await (await sluice.fetch(`/v1/imports/${id}/rejects.csv`)).text();
    const lines = rejects.replace('\ufeff', '').trimEnd().split('\r\n');
    expect(lines).toHaveLength(16);
    expect(lines[0]).toMatch(/^_row,_errors,氏名,/);
    const fixed = [
      lines[0],
      ...lines
        .slice(1)
        .map(
          (line) =>
            `${line.split(',')[0]},fixed,修正 済,シュウセイ ズミ,1990-01-02,ok@example.jp,09012345678,東京都,新宿区,1,,1600022`,
        ),
    ];
    const again = await send(`${fixed.join('\r\n')}\r\n`);
    expect(await sluice.ended(again)).toMatchObject({
      status: 'succeeded',
      result: { records: 15, loaded: 15, rejected: 0 },
    });
  });
});

describe('sluice import --watch', () => {
  const run = (file: string, dataset: string, ...more: string[]) =>
    spawnSluice(['import', file, '--dataset', dataset, '--watch', ...more], {
      env: { SLUICE_URL: sluice.url, SLUICE_API_KEY: sluice.key },
    });

  it('ends with the counts, the first error and where the rejects are', async () => {
    const command = run('examples/customers-with-errors.csv', 'customers');
    expect((await command.exited).code).toBe(0);
    expect(command.output()).toContain('succeeded: 100 records, 85 loaded, 15 rejected (17 errors)');
    expect(command.output()).toMatch(/First error: line 6: .*氏名/);
    expect(command.output()).toMatch(
      /Rejects, to mend and send again: .*sluice rejects [0-9a-f-]{36} -o rejects.csv/,
    );
  });

  it('tells that the file was sent before, or with --if-duplicate refuse exits with 1', async () => {
    const file = join(sluice.folder, 'twice.csv');
    await writeFile(
      file,
      (await readFile('examples/customers.csv', 'utf8')).split('\n').slice(0, 3).join('\n'),
    );
    expect((await run(file, 'customers').exited).code).toBe(0);
    const again = run(file, 'customers', '--if-duplicate', 'allow');
    expect((await again.exited).code).toBe(0);
    expect(again.output()).toMatch(/^The same file was sent before, as import [0-9a-f-]{36}\./);
    const refused = run(file, 'customers', '--if-duplicate', 'refuse');
    expect((await refused.exited).code).toBe(1);
    expect(refused.output()).toMatch(/409 The same file was sent to "customers" before/);
  });

  it('exits with 1 and the API’s own words when the file is refused', async () => {
    const file = join(sluice.folder, 'wrong.csv');
    await writeFile(file, '氏名,住所\n山田,東京\n');
    const command = run(file, 'customers');
    expect((await command.exited).code).toBe(1);
    expect(command.output()).toMatch(/422 .*\n {2}- .*住所/);
  });

  it('exits with 1 when nobody answers', async () => {
    const command = spawnSluice(['import', 'examples/customers.csv', '--dataset', 'customers'], {
      env: { SLUICE_URL: 'http://127.0.0.1:9', SLUICE_API_KEY: 'x' },
    });
    expect((await command.exited).code).toBe(1);
    expect(command.output()).toContain('Nobody answers at http://127.0.0.1:9 (SLUICE_URL)');
    expect(command.output()).not.toContain('Asking again');
  });
});
