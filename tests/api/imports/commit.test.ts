// POST /v1/imports/{id}/commit. The work is done by a slot in this process.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { saveDataset } from '../../../src/db/datasets/datasets.ts';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { createLogger } from '../../../src/logger.ts';
import { removeFiles } from '../../../src/worker/upkeep/remove-files.ts';
import { removeStaging } from '../../../src/worker/upkeep/remove-staging.ts';
import type { TestApi } from '../../support/api.ts';
import { openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { countsOf } from '../../support/staged.ts';
import { addDataset, kept, listeningApi, upload } from '../../support/uploads.ts';

const GOODS: Dataset = {
  name: 'goods',
  schema: {
    fields: [
      { name: 'code', type: 'string' },
      { name: 'price', type: 'number' },
      { name: 'ean', type: 'string', constraints: { unique: true } },
    ],
    primaryKey: ['code'],
  },
  target: { table: 'goods' },
};

let api: TestApi;
let slot: TestSlot;

beforeAll(async () => {
  api = await listeningApi();
  slot = await openSlot(api.database.url, api.deps.config.storageDir);
});
afterAll(async () => {
  await slot.close();
  await api.close();
});
beforeEach(async () => {
  await query('DROP TABLE IF EXISTS goods CASCADE');
  await query('DELETE FROM sluice.tasks');
  await addDataset(api.database.pool, GOODS);
  await query(
    `INSERT INTO goods (id, code, price, ean) SELECT gen_random_uuid(), code, price, ean
       FROM (VALUES ('a', 1, 'e1'), ('b', 2, NULL), ('z', 26, 'e26')) AS v (code, price, ean)`,
  );
});

const query = async <Row>(text: string): Promise<Row[]> =>
  (await api.database.pool.query(text)).rows as Row[];
const goods = () =>
  query<{ code: string; price: string }>('SELECT code, price, ean FROM goods ORDER BY code');

const FILE = 'code,price,ean\na,1,e1\nb,3,\nc,4,e4\n';

async function dryRun(options: string, body = FILE): Promise<string> {
  const answer = await upload(api, { query: `?dataset=goods&dryRun=true${options}`, body });
  const { id } = answer.json() as { id: string };
  expect([answer.status, answer.json()]).toEqual([202, expect.objectContaining({ dryRun: true })]);
  await runImport(slot, id);
  expect((await task(id)).status).toBe('succeeded');
  return id;
}

const commit = (id: string) => api.call({ method: 'POST', url: `/v1/imports/${id}/commit` });
const task = async (id: string) =>
  (await api.call({ url: `/v1/tasks/${id}` })).json<{ status: string; error: unknown }>();

async function committed(dry: string): Promise<string> {
  const answer = await commit(dry);
  expect([answer.statusCode, answer.body]).toEqual([202, expect.anything()]);
  const { id } = answer.json<{ id: string }>();
  expect(answer.headers['location']).toBe(`/v1/tasks/${id}`);
  await runImport(slot, id);
  return id;
}

describe('a commit', () => {
  it.each(['&mode=upsert', '&mode=replace', '', '&onError=abort&maxErrors=70%25'])(
    'loads the file as the dry run said (%s)',
    async (options) => {
      const dry = await dryRun(options);
      const said = await countsOf(slot, dry);
      const before = await goods();
      const id = await committed(dry);
      expect(await task(id)).toMatchObject({ status: 'succeeded' });
      expect(await countsOf(slot, id)).toEqual(said);
      expect(await goods()).not.toEqual(before);
      const view = (await api.call({ url: `/v1/imports/${id}` })).json<Record<string, unknown>>();
      expect(view).toMatchObject({ commitOf: dry, dryRun: false, duplicateOf: null });
    },
  );

  it('is one: a second is refused with the first', async () => {
    const dry = await dryRun('&mode=upsert');
    const answers = await Promise.all([commit(dry), commit(dry), commit(dry)]);
    const statuses = answers.map(({ statusCode }) => statusCode).sort();
    expect(statuses).toEqual([202, 409, 409]);
    const { id } = answers.find(({ statusCode }) => statusCode === 202)!.json<{ id: string }>();
    await runImport(slot, id);
    const before = await kept(api);
    const late = await commit(dry);
    expect(late.json()).toMatchObject({ code: 'CONFLICT', importId: id });
    expect(await kept(api)).toEqual(before);
  });

  it('of bytes that others have loaded meanwhile is refused when the dry run was sent so', async () => {
    const [dry, easy] = [await dryRun('&mode=upsert&ifDuplicate=refuse'), await dryRun('&mode=upsert')];
    const other = await upload(api, { query: '?dataset=goods&mode=upsert', body: FILE });
    const before = await kept(api);
    expect((await commit(dry)).json()).toMatchObject({
      status: 409,
      code: 'UPLOAD_DUPLICATE',
      duplicateOf: other.json()['id'],
    });
    expect(await kept(api)).toEqual(before);
    expect((await commit(easy)).json()).toMatchObject({ duplicateOf: other.json()['id'] });
  });

  it('that is to have no duplicate is not its own', async () => {
    const dry = await dryRun('&mode=upsert&ifDuplicate=refuse');
    const id = await committed(dry);
    expect((await commit(dry)).json()).toMatchObject({ code: 'CONFLICT', importId: id });
  });

  it('of what is no dry run, or has not succeeded, is refused', async () => {
    const real = await upload(api, { query: '?dataset=goods', body: FILE });
    expect((await commit(String(real.json()['id']))).json()).toMatchObject({ code: 'CONFLICT' });
    const queued = await upload(api, { query: '?dataset=goods&dryRun=true', body: FILE });
    expect((await commit(String(queued.json()['id']))).statusCode).toBe(409);
    expect((await commit('0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10')).statusCode).toBe(404);
  });

  it('may come when what was staged is gone, and needs the file', async () => {
    const dry = await dryRun('&mode=upsert');
    const logger = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');
    await query(`UPDATE sluice.tasks SET finished_at = now() - interval '40 days'`);
    await removeStaging({ db: slot.db, logger }, { sweepIntervalMs: 1, dryRunHours: 24 }).run();
    expect((await task(await committed(dry))).status).toBe('succeeded');
    const other = await dryRun('&mode=upsert');
    await query(`UPDATE sluice.tasks SET finished_at = now() - interval '40 days'`);
    await removeFiles({ db: slot.db, logger, storage: api.deps.storage }, { fileRetentionDays: 30 }).run();
    expect((await commit(other)).json()).toMatchObject({ code: 'FILE_GONE' });
  });

  it('outlives the file of its dry run', async () => {
    const dry = await dryRun('&mode=upsert');
    const answer = await commit(dry);
    await api.deps.storage.removeFolder(`imports/${dry}/`);
    const { id } = answer.json<{ id: string }>();
    await runImport(slot, id);
    expect((await task(id)).status).toBe('succeeded');
  });
});

/** Of a trigger, of a check, of an index, of a default, and one that a function calls. */
const FUNCTIONS = `
  CREATE OR REPLACE FUNCTION rule_of(price numeric) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN price < 1000;
  CREATE OR REPLACE FUNCTION is_fair(price numeric) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN rule_of(price);
  CREATE OR REPLACE FUNCTION half(price numeric) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN price / 2;
  CREATE OR REPLACE FUNCTION stock() RETURNS integer LANGUAGE sql RETURN 1;
  CREATE OR REPLACE FUNCTION on_goods() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
  CREATE TRIGGER on_goods BEFORE INSERT ON goods FOR EACH ROW EXECUTE FUNCTION on_goods();
  ALTER TABLE goods ADD CHECK (is_fair(price)), ADD COLUMN stock integer DEFAULT stock();
  CREATE UNIQUE INDEX ON goods (half(price), code)`;
const OTHER_FUNCTIONS = {
  rule_of:
    'CREATE OR REPLACE FUNCTION rule_of(price numeric) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN price < 2000',
  is_fair:
    'CREATE OR REPLACE FUNCTION is_fair(price numeric) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN price < 2000',
  half: 'CREATE OR REPLACE FUNCTION half(price numeric) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN price * 0.5',
  stock: 'CREATE OR REPLACE FUNCTION stock() RETURNS integer LANGUAGE sql RETURN 2',
  on_goods: `CREATE OR REPLACE FUNCTION on_goods() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.price := 0; RETURN NEW; END $$`,
};

const MATTERS: [options: string, what: string, change: string][] = [
  ['&mode=upsert', 'a new key has come', `INSERT INTO goods (id, code) VALUES (gen_random_uuid(), 'c')`],
  ['&mode=upsert', 'a key has gone', `DELETE FROM goods WHERE code = 'b'`],
  ['&mode=upsert', 'an equal row is changed', `UPDATE goods SET price = 7 WHERE code = 'a'`],
  ['&mode=upsert', 'a row is already as it would be', `UPDATE goods SET price = 3 WHERE code = 'b'`],
  ['&mode=upsert', 'a unique value is taken', `UPDATE goods SET ean = 'e4' WHERE code = 'z'`],
  [
    '&mode=replace',
    'there are more rows to take out',
    `INSERT INTO goods (id, code) VALUES (gen_random_uuid(), 'q')`,
  ],
  ['', 'a unique value is taken', `INSERT INTO goods (id, code, ean) VALUES (gen_random_uuid(), 'q', 'e4')`],
  ['', 'a key is free', `DELETE FROM goods WHERE code = 'a'`],
  ['', 'a column is added', 'ALTER TABLE goods ADD COLUMN more text'],
  ['', 'a check is added', 'ALTER TABLE goods ADD CHECK (price < 100)'],
  ...['on_goods', 'is_fair', 'half', 'stock', 'rule_of'].map((name): [string, string, string] => [
    '',
    `function ${name} is another`,
    OTHER_FUNCTIONS[name as keyof typeof OTHER_FUNCTIONS],
  ]),
];
const DOES_NOT_MATTER: [options: string, what: string, change: string][] = [
  ['&mode=upsert', 'another row is changed', `UPDATE goods SET price = 7 WHERE code = 'z'`],
  ['&mode=upsert', 'a row that changes anyway is changed', `UPDATE goods SET price = 7 WHERE code = 'b'`],
  ['&mode=upsert', 'a row was written as it was', `UPDATE goods SET price = 1.00 WHERE code = 'a'`],
  ['&mode=replace', 'a row to take out is changed', `UPDATE goods SET price = 7 WHERE code = 'z'`],
  ['', 'another row is added', `INSERT INTO goods (id, code, ean) VALUES (gen_random_uuid(), 'q', 'e9')`],
  ['', 'an index is added', 'CREATE INDEX ON goods (price)'],
];

describe('what has changed since', () => {
  beforeEach(() => query(FUNCTIONS));

  it.each(MATTERS)('matters: %s %s', async (options, _what, change) => {
    const dry = await dryRun(options);
    await query(change);
    const [before, files] = [await goods(), await kept(api)];
    const answer = await commit(dry);
    expect(answer.statusCode).toBe(412);
    expect(answer.json()).toMatchObject({ code: 'TABLE_CHANGED', importId: dry });
    expect([await goods(), await kept(api)]).toEqual([before, files]);
  });

  it.each(MATTERS)('matters also after the answer: %s %s', async (options, _what, change) => {
    const dry = await dryRun(options);
    const { id } = (await commit(dry)).json<{ id: string }>();
    await query(change);
    const before = await goods();
    await runImport(slot, id);
    expect(await task(id)).toMatchObject({ status: 'failed', error: { code: 'table-changed' } });
    expect(await goods()).toEqual(before);
    const { inserted, updated, deleted, loaded } = await countsOf(slot, id);
    expect([inserted, updated, deleted, loaded]).toEqual([undefined, undefined, undefined, undefined]);
    // It has committed nothing, so it may be tried again.
    expect((await commit(dry)).statusCode).toBe(412);
  });

  it.each(DOES_NOT_MATTER)('does not matter: %s %s', async (options, _what, change) => {
    const dry = await dryRun(options);
    await query(change);
    const id = await committed(dry);
    expect(await task(id)).toMatchObject({ status: 'succeeded' });
    expect(await countsOf(slot, id)).toEqual(await countsOf(slot, dry));
  });

  it('is left to the worker when it takes long to find out', async () => {
    const dry = await dryRun('&mode=upsert');
    const other = await api.database.pool.connect();
    await other.query('BEGIN; LOCK TABLE goods');
    const answer = await commit(dry);
    await other.query('COMMIT');
    other.release();
    expect(answer.statusCode).toBe(202);
    const { id } = answer.json<{ id: string }>();
    await runImport(slot, id);
    expect(await task(id)).toMatchObject({ status: 'succeeded' });
  });

  it('matters when it is the dataset', async () => {
    const dry = await dryRun('');
    await saveDataset(slot.db, { ...GOODS, title: 'Goods' });
    expect((await commit(dry)).json()).toMatchObject({
      code: 'TABLE_CHANGED',
      detail: expect.stringContaining('dataset "goods" has changed') as string,
    });
  });
});

it('a dry run is not taken for a file that was loaded, its commit is', async () => {
  const dry = await dryRun('&mode=upsert');
  const again = await upload(api, {
    query: '?dataset=goods&mode=upsert&ifDuplicate=refuse&dryRun=true',
    body: FILE,
  });
  expect(again.status).toBe(202);
  const id = await committed(dry);
  const third = await upload(api, { query: '?dataset=goods&mode=upsert&ifDuplicate=refuse', body: FILE });
  expect(third.json()).toMatchObject({ code: 'UPLOAD_DUPLICATE', duplicateOf: id });
});
