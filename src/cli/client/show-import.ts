// `sluice show IMPORT`, `sluice cancel IMPORT`, `sluice delete IMPORT`
import { isFinal } from '../../core/tasks/task-status.ts';
import type { TaskStatus } from '../../core/tasks/task-status.ts';
import { EXIT } from '../exit-codes.ts';
import { say, sayJson } from '../print.ts';
import type { ApiClient } from './client.ts';
import { importPath, type ImportJson } from './import-json.ts';
import { describeImport } from './import-text.ts';
import { follow, type FollowOptions } from './watch-import.ts';

/** With `watch`, follows it to its end first. @returns the exit code: of an import that can be shown it is 0, unless it is watched */
export async function showImport(
  client: ApiClient,
  id: string,
  options: FollowOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  const imp: ImportJson = await client.json(importPath(id));
  const isWatched = options.watch === true || options.failOnRejects === true;
  if (isWatched && !isFinal(imp.status)) return follow(client, imp, options, out);
  if (options.json === true) sayJson(out, imp);
  else say(out, describeImport(imp));
  if (!isWatched) return EXIT.done;
  if (imp.status !== 'succeeded') return EXIT.failed;
  return options.failOnRejects === true && imp.counts.rejected > 0 ? EXIT.rejects : EXIT.done;
}

export interface CancelOptions {
  readonly rows?: 'keep' | 'rollback';
  readonly json?: boolean;
}

export async function cancelImport(
  client: ApiClient,
  id: string,
  { rows = 'keep', json = false }: CancelOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  const path = `/v1/tasks/${encodeURIComponent(id)}?rows=${rows}`;
  const task: { status: TaskStatus } = await client.json(path, { method: 'DELETE' });
  if (json) sayJson(out, task);
  else
    say(
      out,
      `The import is ${task.status}. Rows that have landed ${rows === 'keep' ? 'stay' : 'are taken back'}.`,
    );
  return EXIT.done;
}

/** Erases what an import keeps of people: its file, rejects, error values and names. Its counts and its rows remain. */
export async function deleteImport(
  client: ApiClient,
  id: string,
  { json = false }: { readonly json?: boolean },
  out: NodeJS.WriteStream,
): Promise<number> {
  const erased: ImportJson = await client.json(importPath(id), { method: 'DELETE' });
  if (json) sayJson(out, erased);
  else
    say(
      out,
      `The file, rejects, error values and names of import ${id} are erased; its counts remain.\nRows that it has landed stay in the table. "sluice undo ${id}" takes out those of mode=insert.`,
    );
  return EXIT.done;
}
