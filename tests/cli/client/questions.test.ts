// What a file leaves open: asked at a terminal, and told where there is none. Over a real API and a real worker.
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { REPOSITORY, spawnSluice } from '../../support/processes.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { folderForFile } from '../../support/temp-folder.ts';

const FOLDER = folderForFile();
const DAYS = {
  name: 'days',
  schema: {
    fields: [
      { name: 'day', type: 'date', format: 'any', constraints: { required: true } },
      { name: 'note', type: 'string' },
    ],
  },
  target: { table: 'days' },
} as const;
const OPEN = 'day,note\n01/02/2024,x\n03/04/2024,y\n';

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice({ datasets: [DAYS] });
  await sluice.startWorker();
}, 60_000);
afterAll(() => sluice.stop());

const env = () => ({ SLUICE_URL: sluice.url, SLUICE_API_KEY: sluice.key, npm_command: undefined });

function file(name: string, content: string): string {
  const path = join(FOLDER, name);
  writeFileSync(path, content);
  return path;
}

async function run(...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawnSluice(args, { env: env(), cwd: FOLDER });
  return { code: (await child.exited).code, said: child.output() };
}

async function days(): Promise<string[]> {
  const { rows } = await sluice.database.pool.query<{ day: string }>(
    'SELECT day::text FROM days ORDER BY day',
  );
  return rows.map(({ day }) => day);
}

async function uploads(): Promise<number> {
  const answer = await fetch(`${sluice.url}/v1/uploads`, {
    headers: { authorization: `Bearer ${sluice.key}` },
  });
  return ((await answer.json()) as { data: unknown[] }).data.length;
}

const hasTerminals = spawnSync('script', ['--version']).status === 0;

/** Runs the command at a terminal, and types each answer when it asks. */
async function atTerminal(args: readonly string[], answers: readonly string[]) {
  const line = [process.execPath, join(REPOSITORY, 'dist/cli/main.js'), ...args]
    .map((each) => `'${each}'`)
    .join(' ');
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: FOLDER,
    env: { ...process.env, ...env() },
  });
  const left = [...answers];
  let said = '';
  let asked = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    const questions = said.split('Which?').length - 1;
    for (; asked < questions; asked++) child.stdin.write(`${left.shift() ?? ''}\n`);
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

it.skipIf(!hasTerminals)(
  'are asked at a terminal one after the other, and the file is sent once',
  async () => {
    const before = await uploads();
    const path = file('terminal.csv', OPEN.replace('day', 'Tag'));
    const { code, said } = await atTerminal(
      ['import', path, '-d', 'days', '--watch'],
      ['mapping={"Tag":"day"}', '9', '1'],
    );
    expect(said).toContain('1) --date-order dmy');
    expect(said).toContain('the day first');
    expect(said).toContain('succeeded: 2 records, 2 loaded');
    expect(code).toBe(0);
    expect(await days()).toEqual(['2024-02-01', '2024-04-03']);
    expect(await uploads()).toBe(before + 1);
  },
);

it.skipIf(!hasTerminals)('end the import when nobody knows', async () => {
  const { code, said } = await atTerminal(
    ['import', file('nobody.csv', `${OPEN}05/06/2024,z\n`), '-d', 'days'],
    [''],
  );
  expect(said).toContain('DATE_ORDER_AMBIGUOUS');
  expect(code).toBe(1);
});

it('are told where there is no terminal, with what goes on without the file', async () => {
  const { code, said } = await run('import', file('script.csv', `${OPEN}07/08/2024,z\n`), '-d', 'days');
  expect(code).toBe(1);
  expect(said).toContain('  > --date-order dmy   the day first');
  const id = /--upload-id (\S+)/.exec(said)![1]!;
  const imported = await run('import', '--upload-id', id, '--date-order', 'mdy', '--watch');
  expect(imported.said).toContain('succeeded: 3 records, 3 loaded');
  expect(await days()).toContain('2024-07-08');
});

it('inspect says what a file is, and how to import it', async () => {
  const { code, said } = await run('inspect', file('look.csv', `${OPEN}09/10/2024,q\n`), '-d', 'days');
  expect(code).toBe(0);
  expect(said).toMatch(/^look\.csv, 48 bytes: utf-8, delimiter ",", quote ", lines end with lf\n/);
  expect(said).toMatch(
    /\n1 +day +date \(may be read in two ways\) +0 +01\/02\/2024 \| 03\/04\/2024 \| 09\/10\/2024\n/,
  );
  expect(said).toContain('Dataset days (fits');
  expect(said).toContain('Question: Column 1 ("day") has dates');
  expect(said).toContain('  > --date-order dmy   the day first');
  const command = /sluice (import --upload-id \S+)/.exec(said)![1]!;
  const again = await run(
    'inspect',
    '--upload-id',
    command.split(' ').at(-1)!,
    '--date-order',
    'dmy',
    '--json',
  );
  expect(JSON.parse(again.said)).toMatchObject({ questions: [], options: { dataset: 'days' } });
  expect((await run(...command.split(' '), '--date-order', 'dmy', '--watch')).said).toContain('3 loaded');
});

it('a command line without a file, with two, or without a dataset is refused', async () => {
  const path = file('usage.csv', OPEN);
  for (const args of [
    ['import', '-d', 'days'],
    ['import', path],
    ['import', path, '-d', 'days', '--upload-id', '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10'],
    ['inspect'],
  ])
    expect([args, (await run(...args)).code]).toEqual([args, 2]);
});
