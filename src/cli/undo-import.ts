// `sluice undo IMPORT`
import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal } from '../core/tasks/task-status.ts';
import type { UndoResult } from '../core/tasks/task.ts';
import type { TaskView } from '../db/tasks/task-views.ts';
import { POLL_MS, WATCH_PATIENCE_MS, type ApiClient } from './client.ts';

type TaskJson = Pick<TaskView, 'id' | 'status' | 'error'> & { readonly result: UndoResult | null };

/** Has an import's rows taken back; with `watch`, waits for it. @returns the exit code */
export async function undoImport(
  client: ApiClient,
  importId: string,
  { watch = false }: { readonly watch?: boolean },
  out: NodeJS.WriteStream,
): Promise<number> {
  const asked = await client.request(`/v1/imports/${encodeURIComponent(importId)}/undo`, { method: 'POST' });
  let task = (await asked.json()) as TaskJson;
  if (!watch) {
    out.write(`The undo is ${task.status}. Watch it: ${client.url}/v1/tasks/${task.id}\n`);
    return 0;
  }
  while (!isFinal(task.status)) {
    await sleep(POLL_MS);
    task = (await (
      await client.request(`/v1/tasks/${task.id}`, { patienceMs: WATCH_PATIENCE_MS })
    ).json()) as TaskJson;
  }
  out.write(summary(task));
  return task.status === 'succeeded' ? 0 : 1;
}

function summary({ status, result, error }: TaskJson): string {
  if (result === null) return `${status}${error === null ? '' : `: ${error.message}`}\n`;
  const { deleted, changed, held, referenced, gone, references } = result;
  return [
    `${status}: ${deleted} rows deleted, ${gone} were gone; kept: ${changed} changed since, ${held} found unchanged by a later upsert, ${referenced} referenced elsewhere`,
    ...references.map((kept) => `  row ${kept.row} (${kept.id}) is referenced by ${kept.referencedBy}`),
    '',
  ].join('\n');
}
