// What the API has in pages, as a table or as JSON.
import { EXIT } from '../exit-codes.ts';
import { say, sayJson, table, type Out } from '../print.ts';
import type { ApiClient } from './client.ts';
import { listPages } from './list-pages.ts';

export interface ListOptions {
  readonly limit: number;
  readonly json?: boolean;
}

export interface ListForm<T> {
  readonly path: string;
  /** What is asked for besides the page. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly header: readonly string[];
  readonly row: (entry: T) => string[];
  /** What is said when there is nothing. */
  readonly none: string;
}

/** @returns the exit code */
export async function printList<T>(
  client: ApiClient,
  { limit, json = false }: ListOptions,
  out: Out,
  { path, query = {}, header, row, none }: ListForm<T>,
): Promise<number> {
  const pages = listPages<T>(client, path, query, limit);
  const rows = [header];
  let step = await pages.next();
  for (; step.done !== true; step = await pages.next())
    if (json) sayJson(out, step.value);
    else rows.push(row(step.value));
  if (json) return EXIT.done;
  say(out, rows.length === 1 ? none : table(rows));
  if (step.value) say(process.stderr, `There are more: --limit ${limit * 10} shows them.`);
  return EXIT.done;
}
