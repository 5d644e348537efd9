// `sluice rerun IMPORT`, and `sluice rerun --status failed --dataset D` for all that match.
import { createInterface } from 'node:readline/promises';
import { counted } from '../../core/counted.ts';
import { EXIT } from '../exit-codes.ts';
import { say, sayJson } from '../print.ts';
import { ClientError, type ApiClient } from './client.ts';
import { importPath, type ImportJson } from './import-json.ts';
import { follow, type FollowOptions } from './watch-import.ts';

export interface RerunFilter {
  readonly status: string;
  readonly dataset?: string;
  /** Nobody is asked. */
  readonly yes?: boolean;
  readonly json?: boolean;
}

interface Reruns {
  readonly data: readonly { readonly importId: string; readonly rerunOf: string }[];
  readonly declined: readonly { readonly importId: string; readonly detail: string }[];
  /** How many more match than one request runs. */
  readonly remaining: number;
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

/** Runs all again that match and can be; one that is declined does not keep the others. @returns the exit code */
export async function rerunImports(
  client: ApiClient,
  { status, dataset, yes = false, json = false }: RerunFilter,
  out: NodeJS.WriteStream,
): Promise<number> {
  const filter = { status, dataset };
  let matching = await countMatching(client, filter);
  if (matching === 0) {
    say(process.stderr, 'No such import can be run again. "show" and "rerun" with an id say why.');
    return EXIT.done;
  }
  if (!yes && !(await confirm(`Run ${counted(matching, `${status} import`)} again?`))) return EXIT.failed;
  let isWhole = true;
  while (matching > 0) {
    const reruns = await rerunMatching(client, { ...filter, expect: matching });
    for (const rerun of reruns.data)
      if (json) sayJson(out, rerun);
      else say(out, `${rerun.rerunOf} runs again as ${rerun.importId}.`);
    for (const { importId, detail } of reruns.declined)
      say(process.stderr, `${importId} is not run again: ${detail}`);
    isWhole &&= reruns.declined.length === 0;
    // Those that were declined would match for ever.
    matching = reruns.data.length === 0 ? 0 : await countMatching(client, filter, reruns.remaining);
  }
  return isWhole ? EXIT.done : EXIT.failed;
}

/** Nothing is run again: the API is asked for none, and says how many it would be. */
async function countMatching(
  client: ApiClient,
  filter: Pick<RerunFilter, 'status' | 'dataset'>,
  atMost = Infinity,
): Promise<number> {
  if (atMost === 0) return 0;
  try {
    await rerunMatching(client, { ...filter, expect: 0 });
    return 0;
  } catch (error) {
    const matching = error instanceof ClientError ? error.problem?.matching : undefined;
    if (matching === undefined) throw error;
    return matching;
  }
}

function rerunMatching(client: ApiClient, body: Readonly<Record<string, unknown>>): Promise<Reruns> {
  return client.json('/v1/imports/rerun', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function rerun(client: ApiClient, id: string): Promise<ImportJson> {
  return client.json(importPath(id, '/rerun'), { method: 'POST' });
}

/** @throws ClientError when there is nobody to ask */
async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new ClientError(`${question} There is no terminal to ask at: confirm with --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
