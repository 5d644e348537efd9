// `sluice tasks …`, over a real API and a real worker.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { spawnSluice } from '../../support/processes.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { taskFolder } from '../../support/tasks.ts';

const FILES = {
  'echo.mjs': `
    import { defineTask, Type, bigInteger } from 'sluice/tasks';
    export default defineTask(
      { name: 'echo', args: Type.Object({ big: bigInteger() }), retries: 0 },
      ({ big }) => {
        if (big < 0n) throw new RangeError('less than nothing');
        return { big };
      },
    );`,
};
const BIG = '12345678901234567890123';

let sluice: Sluice;
let folder: Awaited<ReturnType<typeof taskFolder>>;

beforeAll(async () => {
  folder = await taskFolder(FILES);
  sluice = await startSluice({ datasets: [], env: { SLUICE_TASKS: folder.path } });
  await sluice.startWorker();
});
afterAll(async () => {
  await sluice.stop();
  await folder.remove();
});

async function run(...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawnSluice(['tasks', ...args], {
    env: { SLUICE_URL: sluice.url, SLUICE_API_KEY: sluice.key, npm_command: undefined },
  });
  return { code: (await child.exited).code, said: child.output() };
}

it('has a task done, with numbers of any length, and tells how it ended', async () => {
  const { code, said } = await run('run', 'echo', `{"big": ${BIG}}`, '--tag', 'mine', '--watch');
  expect(said).toMatch(new RegExp(`^Task +[0-9a-f-]{36} \\(echo\\)\nStatus +succeeded\n`));
  expect(said).toContain(`Arguments  {"big":${BIG}}\n`);
  expect(said).toContain(`Result     {"big":${BIG}}\n`);
  expect(code).toBe(0);
  const listed = await run('list', '--tag', 'mine', '--status', 'succeeded');
  expect(listed.said).toMatch(
    /^ID +NAME +STATUS +QUEUE +ATTEMPTS +CREATED +ENDED\n[0-9a-f-]{36} +echo +succeeded +default +1 /,
  );
  expect((await run('list', '--tag', 'mine', '--json')).said).toContain(`"result":{"big":${BIG}}`);
  expect(await run('list', '--tag', 'nobody')).toEqual({ code: 0, said: 'There is no such task.\n' });
});

it('ends with 1 when the task fails; a retry takes other arguments', async () => {
  const failed = await run('run', 'echo', '{"big": -1}', '--watch', '--json');
  expect(failed.code).toBe(1);
  const { id, error } = JSON.parse(failed.said) as { id: string; error: { message: string } };
  expect(error.message).toBe('less than nothing');
  expect((await run('show', id)).said).toContain('Error      task-failed: less than nothing\n');
  const again = await run('retry', id, '--args', '{"big": 2}', '-w');
  expect(again).toMatchObject({ code: 0 });
  expect(again.said).toContain(`Retry of   ${id}\n`);
  expect(again.said).toContain('Result     {"big":2}\n');
});

it('cancels one that waits', async () => {
  const made = await run('run', 'echo', '{"big": 1}', '--delay', '1h');
  expect(made.said).toMatch(
    /^Task [0-9a-f-]{36} is queued\. Follow it: sluice tasks show [0-9a-f-]{36} --watch\n$/,
  );
  const id = /[0-9a-f-]{36}/.exec(made.said)![0];
  expect(await run('cancel', id)).toEqual({ code: 0, said: `Task ${id} is cancelled.\n` });
  expect(await run('show', id, '--watch')).toMatchObject({ code: 1 });
});

it.each([
  [['run', 'ecko', '{}'], 'Did you mean "echo"?'],
  [['run', 'echo', '{}'], 'args.big is required'],
  [['run', 'echo', '{'], 'The arguments are no JSON'],
  [['run', 'echo', '[1]'], 'The arguments must be a JSON object'],
  [['show', '00000000-0000-7000-8000-000000000000'], '404'],
])('%j ends with 1 and says why', async (args, words) => {
  const { code, said } = await run(...args);
  expect(said).toContain(words);
  expect(code).toBe(1);
});
