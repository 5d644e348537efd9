// `sluice list`: the history, newest first.
import { EXIT } from '../exit-codes.ts';
import { say, sayJson, table, type Out } from '../print.ts';
import type { ApiClient } from './client.ts';
import type { ImportJson } from './import-json.ts';
import { listPages } from './list-pages.ts';

export interface ListOptions {
  /** One status, or several with commas. */
  readonly status?: string;
  readonly dataset?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export async function listImports(client: ApiClient, options: ListOptions, out: Out): Promise<number> {
  const { status, dataset, limit, json = false } = options;
  const pages = listPages<ImportJson>(client, '/v1/imports', { status, dataset }, limit);
  const rows = [['ID', 'STATUS', 'DATASET', 'RECORDS', 'LOADED', 'REJECTED', 'SENT', 'FILE']];
  let step = await pages.next();
  for (; step.done !== true; step = await pages.next())
    if (json) sayJson(out, step.value);
    else rows.push(rowOf(step.value));
  if (json) return EXIT.done;
  if (rows.length === 1) say(out, 'There is no such import.');
  else say(out, table(rows));
  if (step.value) say(process.stderr, `There are more: --limit ${limit * 10} shows them.`);
  return EXIT.done;
}

function rowOf({ id, status, dataset, counts, createdAt, fileName }: ImportJson): string[] {
  const sent = createdAt.slice(0, 16).replace('T', ' ');
  const number = (count: number | null) => (count === null ? '' : String(count));
  return [
    id,
    status,
    dataset,
    number(counts.records),
    number(counts.loaded),
    number(counts.rejected),
    sent,
    fileName ?? '',
  ];
}
