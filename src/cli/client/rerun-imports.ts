// `sluice rerun IMPORT`, and `sluice rerun --status failed --dataset D` for all that match.
import { createInterface } from 'node:readline/promises';
import { EXIT } from '../exit-codes.ts';
import { say, sayJson } from '../print.ts';
import { ClientError, type ApiClient } from './client.ts';
import { importPath, type ImportJson } from './import-json.ts';
import { listPages } from './list-pages.ts';
import { follow, type FollowOptions } from './watch-import.ts';

export interface RerunFilter {
  readonly status: string;
  readonly dataset?: string;
  /** Nobody is asked. */
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Runs a failed or cancelled import again; with `watch`, follows it to its end. @returns the exit code */
export async function rerunImport(
  client: ApiClient,
  id: string,
  options: FollowOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  return follow(client, await rerun(client, id), options, out);
}

/** Runs all again that match; one that is refused does not keep the others. @returns the exit code */
export async function rerunImports(
  client: ApiClient,
  { status, dataset, yes = false, json = false }: RerunFilter,
  out: NodeJS.WriteStream,
): Promise<number> {
  const found: ImportJson[] = [];
  for await (const imp of listPages<ImportJson>(client, '/v1/imports', { status, dataset }, Infinity))
    found.push(imp);
  const what = `${found.length} imports (${status}${dataset === undefined ? '' : `, dataset ${dataset}`})`;
  if (found.length === 0) {
    say(process.stderr, 'There is no such import.');
    return EXIT.done;
  }
  if (!yes && !(await confirm(`Run ${what} again?`))) return EXIT.failed;
  let refused = 0;
  // In the order in which they were sent.
  for (const { id } of found.toReversed())
    try {
      const again = await rerun(client, id);
      if (json) sayJson(out, again);
      else say(out, `${id} runs again as ${again.id}.`);
    } catch (error) {
      if (!(error instanceof ClientError) || error.status === undefined) throw error;
      refused++;
      say(process.stderr, `${id} is not run again: ${error.message}`);
    }
  return refused === 0 ? EXIT.done : EXIT.failed;
}

function rerun(client: ApiClient, id: string): Promise<ImportJson> {
  return client.json(importPath(id, '/rerun'), { method: 'POST' });
}

/** @throws ClientError when there is nobody to ask */
async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new ClientError(`${question} Say so with --yes: there is no terminal to ask at.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
