// Clients that are generated from the API's own OpenAPI document: they compile, and one of them is run against the API.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { REPOSITORY } from '../support/processes.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';

const run = promisify(execFile);
const HERE = join(REPOSITORY, 'tests/clients');

let sluice: Sluice;
let folder: string;
let document: string;

beforeAll(async () => {
  sluice = await startSluice();
  folder = await mkdtemp(join(tmpdir(), 'sluice-clients-'));
  document = await (await fetch(`${sluice.url}/openapi.json`)).text();
  await writeFile(join(folder, 'openapi.json'), document);
  await cp(join(HERE, 'programs'), folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(async () => {
  await sluice.stop();
  await rm(folder, { recursive: true, force: true });
});

it.each(['/openapi.json', '/v1/datasets/customers/openapi.json'])(
  '%s passes the lint of Redocly',
  async (path) => {
    const source = await (await sluice.fetch(path)).text();
    const config = await createConfig({ extends: ['recommended'] });
    const problems = await lintFromString({ source, absoluteRef: '/openapi.json', config });
    const errors = problems.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
  },
);

it('clients by openapi-typescript and @hey-api/openapi-ts compile, strictly, and one uploads, polls, lists and reads errors', async () => {
  await run(process.execPath, [join(HERE, 'generate.mjs'), join(folder, 'openapi.json'), folder], {
    cwd: HERE,
  });
  const tsc = join(HERE, 'node_modules/typescript/bin/tsc');
  const compiled = await run(process.execPath, [tsc, '-p', folder], { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  );
  expect(compiled.stdout).toBe('');

  await sluice.startWorker();
  const { stdout } = await run(process.execPath, [join(folder, 'dist/with-hey-api.js')], {
    env: {
      ...process.env,
      URL: sluice.url,
      KEY: sluice.key,
      FILE: join(REPOSITORY, 'examples/customers-with-errors.csv'),
    },
  });
  const found = JSON.parse(stdout) as { errors: unknown[] };
  expect(found).toMatchObject({
    landed: 85,
    counts: { records: 100, inserted: 85, rejected: 15, errors: 17 },
    firstError: '氏名',
    history: [{ id: expect.any(String), status: 'succeeded' }],
    problem: {
      code: 'HEADER_MISMATCH',
      suggested: { nmae: 'name' },
      column: { index: 1, name: 'nmae' },
    },
    gone: 'NOT_FOUND',
  });
  expect(found.errors).toHaveLength(17);
  expect(found.errors[0]).toEqual({ row: 5, code: 'constraint-error', column: 1 });
});
