// `sluice errors IMPORT`: why records did not land.
import type { RowError } from '../../core/imports/row-error.ts';
import { EXIT } from '../exit-codes.ts';
import { say, sayJson, type Out } from '../print.ts';
import type { ApiClient } from './client.ts';
import { importPath } from './import-json.ts';
import { listPages } from './list-pages.ts';

export interface ErrorsOptions {
  readonly code?: string;
  readonly column?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export async function listErrors(
  client: ApiClient,
  id: string,
  { limit, json = false, ...filter }: ErrorsOptions,
  out: Out,
): Promise<number> {
  const { code, column } = filter;
  const pages = listPages<RowError>(client, importPath(id, '/errors'), { code, column }, limit);
  let shown = 0;
  let step = await pages.next();
  for (; step.done !== true; step = await pages.next(), shown++)
    if (json) sayJson(out, step.value);
    else say(out, describeError(step.value));
  if (!json && shown === 0) say(out, 'There is no such error.');
  if (!json && step.value) say(process.stderr, `There are more: --limit ${limit * 10} shows them.`);
  return EXIT.done;
}

/** The message names the column and the value. */
function describeError({ row, line, cell, entry, message, code }: RowError): string {
  const place = cell === undefined ? `line ${line}` : `cell ${cell}`;
  return `${entry === undefined ? place : `${entry} ${place}`} (record ${row}): ${message} [${code}]`;
}
