// `sluice undo IMPORT`
import { setTimeout as sleep } from 'node:timers/promises';
import { counted } from '../../core/counted.ts';
import { isFinal } from '../../core/tasks/task-status.ts';
import type { UndoResult } from '../../core/tasks/task.ts';
import type { TaskView } from '../../db/tasks/task-views.ts';
import { EXIT } from '../exit-codes.ts';
import { commandName, say, sayJson } from '../print.ts';
import { POLL_MS, WATCH_PATIENCE_MS, type ApiClient } from './client.ts';
import { importPath } from './import-json.ts';
import type { FollowOptions } from './watch-import.ts';

type TaskJson = Pick<TaskView, 'id' | 'status' | 'error'> & { readonly result: UndoResult | null };

/** Has an import's rows taken back; with `watch`, waits for it. @returns the exit code */
export async function undoImport(
  client: ApiClient,
  importId: string,
  { watch = false, json = false }: FollowOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  const asked: TaskJson = await client.json(importPath(importId, '/undo'), { method: 'POST' });
  const task = watch ? await ended(client, asked) : asked;
  if (json) sayJson(out, task);
  else if (watch) say(out, summary(task));
  else say(out, `The undo is ${task.status}. See how far it is: ${commandName()} show ${importId}`);
  return watch && task.status !== 'succeeded' ? EXIT.failed : EXIT.done;
}

async function ended(client: ApiClient, asked: TaskJson): Promise<TaskJson> {
  let task = asked;
  while (!isFinal(task.status)) {
    await sleep(POLL_MS);
    task = await client.json(`/v1/tasks/${task.id}`, { patienceMs: WATCH_PATIENCE_MS });
  }
  return task;
}

function summary({ status, result, error }: TaskJson): string {
  if (result === null) return `${status}${error === null ? '' : `: ${error.message}`}`;
  const { deleted, changed, held, referenced, gone, references } = result;
  return [
    `${status}: ${counted(deleted, 'row')} deleted, ${gone} already gone; kept: ${changed} changed since, ${held} found unchanged by a later upsert, ${referenced} referenced elsewhere`,
    ...references.map((kept) => `  row ${kept.row} (${kept.id}) is referenced by ${kept.referencedBy}`),
  ].join('\n');
}
