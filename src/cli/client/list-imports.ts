// `sluice list`: the history, newest first.
import type { Out } from '../print.ts';
import type { ApiClient } from './client.ts';
import type { ImportJson } from './import-json.ts';
import { printList, type ListOptions } from './print-list.ts';

export interface ImportFilter extends ListOptions {
  /** One status, or several with commas. */
  readonly status?: string;
  readonly dataset?: string;
}

export function listImports(client: ApiClient, options: ImportFilter, out: Out): Promise<number> {
  const { status, dataset } = options;
  return printList<ImportJson>(client, options, out, {
    path: '/v1/imports',
    query: { status, dataset },
    header: ['ID', 'STATUS', 'DATASET', 'RECORDS', 'LOADED', 'REJECTED', 'SENT', 'FILE'],
    row: rowOf,
    none: 'There is no such import.',
  });
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
