import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datasetJsonSchema } from '../../src/core/dataset/document/json-schema.ts';
import { parseDataset } from '../../src/core/dataset/document/parse-dataset.ts';
import { saveDataset } from '../../src/db/datasets/datasets.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { spawnSluice } from '../support/processes.ts';
import { temporaryFolder } from '../support/temp-folder.ts';

let database: TestDatabase;
let folder: string;
let env: Record<string, string | undefined>;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** What a command ends with, and all that it printed. */
async function sluice(...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawnSluice(['datasets', ...args], { env });
  const { code } = await child.exited;
  return { code, said: child.output() };
}

const documentOf = (table: string, fields: unknown[]) =>
  JSON.stringify({ name: table, schema: { fields }, target: { table } });

async function filesOf(files: Record<string, string>): Promise<void> {
  folder = temporaryFolder();
  env = { SLUICE_HOME: folder, DATABASE_URL: undefined, SLUICE_DATASETS_DIR: undefined };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

describe('sluice datasets check', () => {
  it('says all problems of all files with their places, and needs no database', async () => {
    await filesOf({
      'a.json': documentOf('a', [{ name: 'x' }]),
      'b.json': documentOf('b', [{ name: 'X y' }, { name: 'z', type: 'text', titel: 'Z' }]),
      'c.json': '{ "name": ',
      'd.json': documentOf('a', [{ name: 'x' }]),
    });
    const { code, said } = await sluice('check', folder);
    expect(code).toBe(1);
    const lines = said.trimEnd().split('\n');
    expect(lines).toEqual([
      'a.json: dataset "a" is sound',
      expect.stringContaining('b.json /schema/fields/0/name: must be a name of a-z'),
      expect.stringContaining('b.json /schema/fields/1/titel: The property "titel" is not known here.'),
      expect.stringContaining('b.json /schema/fields/1/type: must be one of string'),
      'b.json: 3 problems',
      expect.stringMatching(/^c\.json: The file is not JSON: /),
      'c.json: 1 problem',
      expect.stringContaining('d.json /name: The file a.json describes a dataset "a" too.'),
      'd.json: 1 problem',
    ]);
    const one = await sluice('check', join(folder, 'a.json'));
    expect(one).toEqual({ code: 0, said: 'a.json: dataset "a" is sound\n' });
  });

  it.each(['check', 'apply'])('%s: a wrong path is one sentence', async (command) => {
    await filesOf({});
    env['DATABASE_URL'] = database.url;
    const { code, said } = await sluice(command, join(folder, 'nothing'));
    expect(code).toBe(1);
    expect(said).toBe(
      `sluice: ${join(folder, 'nothing')} cannot be read: it is not there (ENOENT). Name a folder of dataset documents, or one document.\n`,
    );
  });

  it.each([['check'], ['apply'], ['apply', '--plan']])(
    '%s %s: a folder without a document is one sentence',
    async (...command) => {
      await filesOf({});
      env['DATABASE_URL'] = database.url;
      const empty = join(folder, 'empty');
      await mkdir(empty);
      await writeFile(join(empty, 'goods.json.txt'), '{}');
      expect(await sluice(...command, empty)).toEqual({
        code: 1,
        said: `sluice: There is no dataset document (*.json) in the folder ${empty}.\n`,
      });
    },
  );

  it.each(['check', 'apply'])('%s: an empty name is not taken for none', async (command) => {
    await filesOf({});
    env['DATABASE_URL'] = database.url;
    const { code, said } = await sluice(command, '');
    expect([code, said]).toEqual([1, expect.stringContaining('sluice: "" cannot be read: it is not there')]);
  });
});

describe('sluice datasets apply', () => {
  it('of the folder of the setting, while it is empty, applies none and says so', async () => {
    await filesOf({});
    env = { ...env, DATABASE_URL: database.url, SLUICE_DATASETS_DIR: folder };
    const { code, said } = await sluice('apply');
    expect([code, said]).toEqual([
      0,
      expect.stringContaining(`There is no dataset document (*.json) in the folder ${folder}.`),
    ]);
  });

  it('says every problem of every file before it touches a table', async () => {
    await filesOf({
      'a.json': documentOf('untouched', [{ name: 'x' }]),
      'b.json': documentOf('b', [{ name: 'X' }]),
      'c.json': '[',
    });
    env['DATABASE_URL'] = database.url;
    const { code, said } = await sluice('apply', folder);
    expect(code).toBe(1);
    expect(said).toMatch(
      /^sluice: 2 problems in b\.json, c\.json\.\n {2}- b\.json \/schema\/fields\/0\/name: /,
    );
    expect(said).not.toMatch(/\n +at /);
    const { rows } = await database.pool.query(`SELECT to_regclass('public.untouched') AS found`);
    expect(rows).toEqual([{ found: null }]);
  });

  it('makes a table that others look up in first, whatever their names', async () => {
    const lookup = { in: 'z_kinds', by: 'code' };
    await filesOf({
      'a.json': documentOf('a_things', [{ name: 'kind_id', lookup }]),
      'z.json': documentOf('z_kinds', [{ name: 'code', constraints: { unique: true } }]),
    });
    env['DATABASE_URL'] = database.url;
    const plan = await sluice('apply', '--plan', folder);
    expect([plan.code, plan.said]).toEqual([
      0,
      expect.stringContaining(
        '-- dataset "a_things": looks up in a table of dataset "z_kinds", which is to be made first',
      ),
    ]);
    expect((await sluice('apply', folder)).code).toBe(0);
    const again = await sluice('apply', '--plan', folder);
    expect(again.said).toBe(
      '-- dataset "z_kinds": nothing to change\n-- dataset "a_things": nothing to change\n',
    );
  });

  it('--plan prints the SQL and changes nothing', async () => {
    await filesOf({ 'goods.json': documentOf('goods', [{ name: 'code' }]) });
    env['DATABASE_URL'] = database.url;
    const plan = await sluice('apply', '--plan', folder);
    expect(plan.code).toBe(0);
    expect(plan.said).toContain('-- dataset "goods"\nCREATE TABLE "public"."goods" (');
    const found = () => database.pool.query(`SELECT to_regclass('public.goods') IS NOT NULL AS found`);
    expect((await found()).rows).toEqual([{ found: false }]);
    expect((await database.pool.query("SELECT FROM sluice.datasets WHERE name = 'goods'")).rowCount).toBe(0);

    expect((await sluice('apply', folder)).code).toBe(0);
    expect((await found()).rows).toEqual([{ found: true }]);
    expect(await sluice('apply', '--plan', folder)).toEqual({
      code: 0,
      said: '-- dataset "goods": nothing to change\n',
    });

    await database.pool.query('ALTER TABLE goods ALTER COLUMN code TYPE integer USING NULL');
    const refused = await sluice('apply', '--plan', folder);
    expect(refused.code).toBe(1);
    expect(refused.said).toContain('  - goods: Column "code" of table "goods" is integer');
  });

  it('refuses a dataset that the API manages, takes it over, or leaves it', async () => {
    await filesOf({ 'shared.json': documentOf('shared', [{ name: 'a' }]) });
    env['DATABASE_URL'] = database.url;
    const dataset = parseDataset(JSON.parse(documentOf('shared', [{ name: 'b' }])), 'the test');
    await saveDataset(database.db, dataset, { managedBy: 'api' });
    const managed = async (): Promise<unknown> =>
      (await database.pool.query(`SELECT managed_by, version FROM sluice.datasets WHERE name = 'shared'`))
        .rows[0];

    const refused = await sluice('apply', folder);
    expect([refused.code, refused.said]).toEqual([
      1,
      expect.stringContaining(
        'Dataset "shared" is managed by the API: change it with PUT /v1/datasets/shared.',
      ),
    ]);
    const left = await sluice('apply', '--leave-api', folder);
    expect([left.code, left.said]).toEqual([0, expect.stringContaining('is managed by the API')]);
    expect(await managed()).toEqual({ managed_by: 'api', version: 1 });
    expect((await sluice('apply', '--take-over', folder)).code).toBe(0);
    expect(await managed()).toEqual({ managed_by: 'file', version: 2 });
  });
});

it('sluice datasets schema prints the JSON Schema of documents', async () => {
  await filesOf({});
  const { code, said } = await sluice('schema');
  expect([code, JSON.parse(said)]).toEqual([0, datasetJsonSchema()]);
});
