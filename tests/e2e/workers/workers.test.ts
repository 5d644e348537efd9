// Workers as they show themselves, and what they do when they are told to.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY, spawnSluice, waitFor, type TestProcess } from '../../support/processes.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { ended, enqueue, inStatus, taskFolder, taskState } from '../../support/tasks.ts';

const FILES = {
  'tasks.mjs': `
    import { existsSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { threadId } from 'node:worker_threads';
    import { defineTask, Type } from 'sluice/tasks';
    const hoard = [];
    export default [
      defineTask({ name: 'thread', run: 'cpu', args: Type.Object({}) }, () => threadId),
      defineTask({ name: 'hoard', run: 'cpu', args: Type.Object({ mb: Type.Integer() }) }, ({ mb }) => {
        hoard.push(Buffer.alloc(mb * 1024 * 1024, 1));
        return threadId;
      }),
      defineTask({ name: 'until', args: Type.Object({ path: Type.String() }), retries: 0 }, async ({ path }, { signal }) => {
        while (!existsSync(path)) await sleep(20, undefined, { signal });
        return 'seen';
      }),
      defineTask({ name: 'endless', run: 'cpu', args: Type.Object({}), retries: 0 }, () => { for (;;); }),
      defineTask({ name: 'fails', args: Type.Object({}), retries: 0 }, () => { throw new Error('no'); }),
    ];`,
};

interface WorkerJson {
  readonly id: string;
  readonly name: string;
  readonly pid: number;
  readonly state: string;
  readonly phase: string;
  readonly queues: string[];
  readonly slots: number;
  readonly concurrency: number;
  readonly ioBusy: number;
  readonly running: { readonly id: string; readonly name: string }[];
  readonly processed: number;
  readonly failed: number;
  readonly memoryBytes: number;
}

let sluice: Sluice;
let folder: Awaited<ReturnType<typeof taskFolder>>;

beforeAll(async () => {
  folder = await taskFolder(FILES);
  sluice = await startSluice({ env: { SLUICE_TASKS: folder.path, SLUICE_SMALL_FILE_BYTES: '0' } });
  return async () => {
    await sluice.stop();
    await folder.remove();
  };
});

const db = () => sluice.database.pool;
const workers = async (): Promise<WorkerJson[]> =>
  ((await (await sluice.fetch('/v1/workers')).json()) as { data: WorkerJson[] }).data;
const workerOf = (process: TestProcess): Promise<WorkerJson> =>
  waitFor(async () => (await workers()).find(({ pid }) => pid === process.pid), {
    what: 'the worker to be listed',
  });
const say = async (id: string, command: string, body?: object) => {
  const answer = await sluice.fetch(`/v1/workers/${id}/${command}`, {
    method: 'POST',
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return {
    status: answer.status,
    body: (await answer.json()) as { acknowledgedAt: string | null; detail: string; code?: string },
  };
};

/** A file that the task `until` waits for. */
let files = 0;
const newFile = () => `${folder.path}/go-${(files += 1)}`;
const make = (path: string) => writeFile(path, '');

describe('a worker', () => {
  it('shows its name, its places, what runs and what it has done', async () => {
    const process = await sluice.startWorker({
      SLUICE_WORKER_NAME: 'one',
      SLUICE_CONCURRENCY: '7',
      SLUICE_QUEUES: 'default,other',
    });
    const path = newFile();
    const id = await enqueue(db(), 'until', { path });
    const failed = await enqueue(db(), 'fails');
    await inStatus(db(), id, ['running']);
    await ended(db(), failed);
    const { id: workerId } = await workerOf(process);
    const shown = await waitFor(
      async () => {
        const one = (await (await sluice.fetch(`/v1/workers/${workerId}`)).json()) as WorkerJson;
        return one.ioBusy === 1 && one.failed === 1 ? one : undefined;
      },
      { what: 'the worker to say what it runs' },
    );
    expect(shown).toMatchObject({
      name: 'one',
      phase: 'running',
      queues: ['default', 'other'],
      slots: 2,
      concurrency: 7,
      running: [{ id, name: 'until' }],
      processed: 1,
    });
    expect(shown.memoryBytes).toBeGreaterThan(20_000_000);
    await make(path);
    expect(await ended(db(), id)).toMatchObject({ status: 'succeeded' });
    process.kill();
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect((await sluice.fetch(`/v1/workers/${workerId}`)).status).toBe(404);
  });

  it('takes its settings as options', async () => {
    const help = spawnSluice(['worker', '--help']);
    await help.exited;
    for (const option of ['-n, --name', '-l, --log-level', '--max-tasks-per-slot', '--max-memory-per-slot'])
      expect(help.output()).toContain(option);
  });

  it('replaces a slot after so many CPU tasks, and none of them is lost', async () => {
    const process = await sluice.startWorker({ SLUICE_SLOTS: '1', SLUICE_MAX_TASKS_PER_SLOT: '2' });
    const ids: string[] = [];
    for (let at = 0; at < 6; at++) ids.push(await enqueue(db(), 'thread'));
    const threads: unknown[] = [];
    for (const id of ids) {
      const task = await ended(db(), id);
      expect(task).toMatchObject({ status: 'succeeded', starts: 1 });
      threads.push(task.result);
    }
    const counts = new Map<unknown, number>();
    for (const thread of threads) counts.set(thread, (counts.get(thread) ?? 0) + 1);
    expect([...counts.values()]).toEqual([2, 2, 2]);
    process.kill();
    await process.exited;
  });

  it('replaces a slot that holds much memory after a task, which has succeeded', async () => {
    const process = await sluice.startWorker({ SLUICE_SLOTS: '1', SLUICE_MAX_MEMORY_PER_SLOT_MB: '200' });
    const threads: unknown[] = [];
    for (const mb of [1, 300, 1, 1]) {
      const task = await ended(db(), await enqueue(db(), 'hoard', { mb }));
      expect(task).toMatchObject({ status: 'succeeded', starts: 1 });
      threads.push(task.result);
    }
    expect(threads[0]).toBe(threads[1]);
    expect(threads[2]).not.toBe(threads[1]);
    expect(threads[3]).toBe(threads[2]);
    process.kill();
    await process.exited;
  });
});

describe('a slot that is ended', () => {
  it('while an import waits for it has another in its place', async () => {
    const process = await sluice.startWorker({ SLUICE_SLOTS: '1' });
    const endless = await enqueue(db(), 'endless');
    await inStatus(db(), endless, ['running']);
    const file = await readFile(join(REPOSITORY, 'examples/customers.csv'), 'utf8');
    const { id } = (await (await sluice.send('customers', file)).json()) as { id: string };
    await waitFor(
      async () => ((await workerOf(process)).running.some((task) => task.id === id) ? true : undefined),
      { what: 'the import to wait for the slot' },
    );
    await sluice.fetch(`/v1/tasks/${endless}`, { method: 'DELETE' });
    expect(await ended(db(), endless)).toMatchObject({ status: 'cancelled' });
    expect(await ended(db(), id)).toMatchObject({ status: 'succeeded' });
    process.kill();
    await process.exited;
  });
});

describe('a worker that is told', () => {
  it('to pause begins neither tasks nor imports until it is to go on, and what runs goes on', async () => {
    const process = await sluice.startWorker();
    const { id } = await workerOf(process);
    const path = newFile();
    const running = await enqueue(db(), 'until', { path });
    await inStatus(db(), running, ['running']);

    expect(await say(id, 'pause')).toMatchObject({
      status: 200,
      body: { detail: 'The worker has answered.', acknowledgedAt: expect.any(String) },
    });
    expect((await workerOf(process)).phase).toBe('paused');
    const task = await enqueue(db(), 'add', { a: 1, b: 2 });
    const cpu = await enqueue(db(), 'thread');
    const file = await readFile(join(REPOSITORY, 'examples/customers.csv'), 'utf8');
    const { id: imp } = (await (await sluice.send('customers', file)).json()) as { id: string };
    await make(path);
    expect(await ended(db(), running)).toMatchObject({ status: 'succeeded' });
    // Longer than any of its looks; there is no sign of what does not happen.
    const until = Date.now() + 2500;
    await waitFor(() => Date.now() > until, { what: 'time' });
    for (const each of [task, cpu, imp])
      expect(await taskState(db(), each)).toMatchObject({ status: 'queued' });

    expect(await say(id, 'resume')).toMatchObject({ status: 200 });
    expect(await ended(db(), task)).toMatchObject({ status: 'succeeded', result: 3 });
    expect(await ended(db(), cpu)).toMatchObject({ status: 'succeeded' });
    expect(await ended(db(), imp)).toMatchObject({ status: 'succeeded' });
    process.kill();
    await process.exited;
  });

  it('to run more at the same time does so', async () => {
    const process = await sluice.startWorker({ SLUICE_CONCURRENCY: '1' });
    const { id } = await workerOf(process);
    const path = newFile();
    const [one, two] = [await enqueue(db(), 'until', { path }), await enqueue(db(), 'until', { path })];
    await inStatus(db(), one, ['running']);
    expect(await taskState(db(), two)).toMatchObject({ status: 'queued' });
    expect(await say(id, 'scale', { concurrency: 2 })).toMatchObject({ status: 200 });
    await inStatus(db(), two, ['running']);
    expect((await workerOf(process)).concurrency).toBe(2);
    expect((await say(id, 'scale', { concurrency: 0 })).status).toBe(400);
    await make(path);
    await ended(db(), two);
    process.kill();
    await process.exited;
  });

  it('to drain ends what runs, begins nothing more, and exits with 0', async () => {
    const process = await sluice.startWorker();
    const { id } = await workerOf(process);
    const path = newFile();
    const running = await enqueue(db(), 'until', { path });
    await inStatus(db(), running, ['running']);
    expect(await say(id, 'drain')).toMatchObject({ status: 200 });
    expect((await workerOf(process)).phase).toBe('draining');
    expect(await say(id, 'pause')).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    const later = await enqueue(db(), 'add', { a: 1, b: 1 });
    await make(path);
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(await taskState(db(), running)).toMatchObject({ status: 'succeeded', starts: 1 });
    expect(await taskState(db(), later)).toMatchObject({ status: 'queued' });
    await db().query("UPDATE sluice.tasks SET status = 'cancelled', finished_at = now() WHERE id = $1", [
      later,
    ]);
  });

  it('to shut down cold gives back what runs at once, and no attempt is used up', async () => {
    const process = await sluice.startWorker();
    const { id } = await workerOf(process);
    const path = newFile();
    const running = await enqueue(db(), 'until', { path });
    await inStatus(db(), running, ['running']);
    expect(await say(id, 'shutdown', { mode: 'cold' })).toMatchObject({ status: 200 });
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(await taskState(db(), running)).toMatchObject({ status: 'queued', attempts: 0 });
    const next = await sluice.startWorker();
    await make(path);
    expect(await ended(db(), running)).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(await say((await workerOf(next)).id, 'shutdown', {})).toMatchObject({ status: 200 });
    expect(await next.exited).toEqual({ code: 0, signal: null });
  });

  it('anything while it is frozen has not answered, and does it when it goes on', async () => {
    const process = await sluice.startWorker();
    const { id } = await workerOf(process);
    process.kill('SIGSTOP');
    const begun = Date.now();
    const said = await say(id, 'pause');
    expect(Date.now() - begun).toBeLessThan(1500);
    expect(said).toMatchObject({ status: 202, body: { acknowledgedAt: null } });
    expect(said.body.detail).toContain('did not answer within a second');
    process.kill('SIGCONT');
    await waitFor(async () => (await workerOf(process)).phase === 'paused', { what: 'the worker to pause' });
    process.kill();
    await process.exited;
  });

  it('to pause keeps to it as the next worker of its name', async () => {
    const first = await sluice.startWorker({ SLUICE_WORKER_NAME: 'named' });
    const { id } = await workerOf(first);
    await say(id, 'pause');
    await say(id, 'scale', { concurrency: 3 });
    first.kill('SIGKILL');
    await first.exited;
    const second = await sluice.startWorker({ SLUICE_WORKER_NAME: 'named' });
    expect(await workerOf(second)).toMatchObject({ phase: 'paused', concurrency: 3 });
    await say((await workerOf(second)).id, 'resume');
    second.kill();
    await second.exited;
  });

  it('is in the audit log, and only an admin may tell it', async () => {
    const { data } = (await (
      await sluice.fetch('/v1/audit?subjectType=worker&action=worker.scale')
    ).json()) as {
      data: { by: { name: string }; details: object }[];
    };
    expect(data[0]).toMatchObject({ by: { name: 'admin' }, details: { concurrency: 3, name: 'named' } });
    const viewer = (await (
      await sluice.fetch('/v1/users', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'o', email: 'o@example.com', role: 'operator' }),
      })
    ).json()) as { id: string };
    const key = (await (
      await sluice.fetch('/v1/keys', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'o', userId: viewer.id }),
      })
    ).json()) as { key: string };
    const answer = await fetch(`${sluice.url}/v1/workers/${viewer.id}/pause`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.key}` },
    });
    expect(answer.status).toBe(403);
    expect((await say(viewer.id, 'pause')).status).toBe(404);
  });
});
