// Imports and tasks that go on while something of what they stand on dies, and what must have become of them.
import { expect } from 'vitest';
import { peopleFile, type PeopleFile } from './people.ts';
import type { Sluice } from './sluice.ts';
import { enqueue, taskFolder } from './tasks.ts';
import { waitFor } from './wait-for.ts';

const NOTE = `
  import { defineTask, Type } from 'sluice/tasks';
  import { setTimeout as sleep } from 'node:timers/promises';
  export default defineTask({ name: 'note', args: Type.Object({ ms: Type.Integer() }) }, async ({ ms }, ctx) => {
    await sleep(ms, undefined, { signal: ctx.signal });
    await ctx.db.query('INSERT INTO noted (task) VALUES ($1)', [ctx.id]);
  });`;

export interface SteadyWork {
  /** What Sluice is started with. */
  readonly env: Readonly<Record<string, string>>;
  readonly imports: { readonly id: string; readonly file: PeopleFile }[];
  readonly tasks: string[];
  /** Once, when Sluice runs. */
  begin(sluice: Sluice): Promise<void>;
  sendImport(url: string, file: PeopleFile): Promise<string>;
  putTasks(count: number, ms: number): Promise<void>;
  /** Waits until so many chunks of all imports are done. */
  chunksDone(atLeast: number): Promise<void>;
  /** Waits for the end of all of it, and compares. */
  expectExact(): Promise<void>;
  remove(): Promise<void>;
}

export async function steadyWork(): Promise<SteadyWork> {
  const folder = await taskFolder({ 'note.ts': NOTE });
  const imports: { id: string; file: PeopleFile }[] = [];
  const tasks: string[] = [];
  let sluice: Sluice;
  return {
    // Many chunks, each with a job of its own.
    env: { SLUICE_TASKS: folder.path, SLUICE_CHUNK_BYTES: '16000', SLUICE_SMALL_FILE_BYTES: '0' },
    imports,
    tasks,
    async begin(started) {
      sluice = started;
      await sluice.database.pool.query('CREATE TABLE noted (task uuid)');
    },
    async sendImport(url, file) {
      const response = await fetch(`${url}/v1/imports?dataset=people`, {
        method: 'POST',
        headers: { authorization: `Bearer ${sluice.key}`, 'content-type': 'text/csv' },
        body: file.text,
      });
      expect(response.status).toBe(202);
      const { id } = (await response.json()) as { id: string };
      imports.push({ id, file });
      return id;
    },
    async putTasks(count, ms) {
      for (let no = 0; no < count; no++) tasks.push(await enqueue(sluice.database.pool, 'note', { ms }));
    },
    chunksDone: async (atLeast) =>
      void (await waitFor(
        async () => {
          const { rows } = await sluice.database.pool.query<{ done: number }>(
            `SELECT count(*)::int AS done FROM sluice.import_chunks WHERE status = 'done'`,
          );
          return rows[0]!.done >= atLeast;
        },
        { what: `${atLeast} chunks to be done` },
      )),
    async expectExact() {
      for (const { id, file } of imports) {
        const loaded = file.records - file.badRows.length;
        expect(await sluice.ended(id)).toMatchObject({
          status: 'succeeded',
          result: { records: file.records, loaded, rejected: file.badRows.length },
        });
        const { rows } = await sluice.database.pool.query(
          'SELECT count(*)::int AS rows, count(DISTINCT import_row)::int AS numbers, sum(points)::int AS points FROM people WHERE import_id = $1',
          [id],
        );
        expect(rows[0]).toEqual({ rows: loaded, numbers: loaded, points: file.points });
      }
      for (const id of tasks) expect((await sluice.ended(id)).status).toBe('succeeded');
      const { rows } = await sluice.database.pool.query(
        'SELECT count(*)::int AS all, count(DISTINCT task)::int AS tasks FROM noted',
      );
      expect(rows[0]).toEqual({ all: tasks.length, tasks: tasks.length });
    },
    remove: () => folder.remove(),
  };
}

/** A file of about `records`/100 chunks, with a bad record in each hundred. */
export function someFile(records = 2000): PeopleFile {
  return peopleFile(records, 100);
}
