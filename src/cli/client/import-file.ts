// `sluice import FILE --dataset D …`, `sluice retry IMPORT FILE`, `sluice commit IMPORT`: what becomes an import and can be watched.
import { randomUUID } from 'node:crypto';
import { constants, openAsBlob } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import type { ImportCounts } from '../../core/imports/import-counts.ts';
import type { ImportView } from '../../db/tasks/task-views.ts';
import { POLL_MS, WATCH_PATIENCE_MS, type ApiClient } from './client.ts';
import { formOf, type FileOptions } from './file-options.ts';

/** As the API gives it: times are text. */
type ImportJson = Omit<ImportView, 'createdAt' | 'startedAt' | 'finishedAt'> & {
  readonly links: { readonly rejects: string; readonly errors: string };
};

export interface ImportFileOptions extends FileOptions {
  readonly dataset: string;
  readonly mode?: string;
}

const UPLOAD_PATIENCE_MS = 60_000;

/** Sends a file; with `watch`, follows it to its end. @returns the exit code */
export async function importFile(
  client: ApiClient,
  path: string,
  options: ImportFileOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  const form = formOf(options);
  form.set('dataset', options.dataset);
  if (options.mode !== undefined) form.set('mode', options.mode);
  return sendFile(client, '/v1/imports', form, path, options, out);
}

/** Sends corrected rejects; with `watch`, follows them to their end. @returns the exit code */
export async function retryImport(
  client: ApiClient,
  importId: string,
  path: string,
  options: FileOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  const url = `/v1/imports/${encodeURIComponent(importId)}/retries`;
  return sendFile(client, url, formOf(options), path, options, out);
}

/** Loads what a dry run has tried; with `watch`, follows it to its end. @returns the exit code */
export async function commitImport(
  client: ApiClient,
  importId: string,
  options: { readonly watch?: boolean },
  out: NodeJS.WriteStream,
): Promise<number> {
  const url = `/v1/imports/${encodeURIComponent(importId)}/commit`;
  const asked = await client.request(url, { method: 'POST' });
  return follow(client, (await asked.json()) as ImportJson, options.watch === true, out);
}

/** With a key of its own, so that a lost answer can be asked for again: the file is taken once, however often it is sent. */
async function sendFile(
  client: ApiClient,
  url: string,
  form: FormData,
  path: string,
  { idempotencyKey = randomUUID(), watch = false }: FileOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  form.set('file', await openFile(path), basename(path));
  const headers = { 'idempotency-key': idempotencyKey };
  const answer = await client.request(url, {
    method: 'POST',
    body: form,
    headers,
    patienceMs: UPLOAD_PATIENCE_MS,
  });
  const sent = (await answer.json()) as ImportJson;
  if (sent.duplicateOf !== null) out.write(`The same file was sent before, as import ${sent.duplicateOf}.\n`);
  return follow(client, sent, watch, out);
}

async function follow(
  client: ApiClient,
  sent: ImportJson,
  watch: boolean,
  out: NodeJS.WriteStream,
): Promise<number> {
  if (!watch) {
    out.write(`Import ${sent.id} is ${sent.status}. Watch it: ${client.url}/v1/tasks/${sent.id}\n`);
    return 0;
  }
  const ended = await watchImport(client, sent.id, out);
  out.write(summary(client, ended));
  return ended.status === 'succeeded' ? 0 : 1;
}

/** Read while it is sent, never whole in memory. */
async function openFile(path: string): Promise<Blob> {
  await access(path, constants.R_OK).catch((error: Error) => {
    throw new Error(`The file ${path} cannot be read: ${error.message}`, { cause: error });
  });
  return openAsBlob(path);
}

async function watchImport(client: ApiClient, id: string, out: NodeJS.WriteStream): Promise<ImportJson> {
  const bar = new SingleBar({
    stream: out,
    format: '{bar} {percentage}% | {rows} rows | {rate} rows/s | {eta_s} s to go',
    hideCursor: true,
    noTTYOutput: false,
  });
  bar.start(1, 0, { rows: 0, rate: '–', eta_s: '–' });
  try {
    for (;;) {
      const now = (await (
        await client.request(`/v1/imports/${id}`, { patienceMs: WATCH_PATIENCE_MS })
      ).json()) as ImportJson;
      const { progress } = now;
      bar.setTotal(Math.max(1, progress?.bytesTotal ?? 1));
      bar.update(progress?.bytesDone ?? 0, {
        rows: progress?.rowsDone ?? 0,
        rate: progress?.rowsPerSecond ?? '–',
        eta_s: progress?.etaSeconds ?? '–',
      });
      if (now.status === 'succeeded' || now.status === 'failed' || now.status === 'cancelled') return now;
      await sleep(POLL_MS);
    }
  } finally {
    bar.stop();
  }
}

function summary(client: ApiClient, ended: ImportJson): string {
  const { rejected } = ended.counts;
  const lines = [`${ended.status}: ${describeCounts(ended.counts)}`];
  if (ended.dryRun && ended.status === 'succeeded')
    lines.push(
      `This was a dry run: nothing was written. To load it: sluice commit ${ended.id} (or POST ${client.url}/v1/imports/${ended.id}/commit)`,
    );
  if (ended.error !== null) lines.push(`Reason: ${ended.error.message}`);
  if (ended.firstError !== null)
    lines.push(`First error: line ${ended.firstError.line}: ${ended.firstError.message}`);
  if (rejected > 0) lines.push(`Rejects, to fix and send again: ${client.url}${ended.links.rejects}`);
  return `${lines.join('\n')}\n`;
}

/** What every import has, and of the rest what is not zero. */
function describeCounts(counts: ImportCounts): string {
  const {
    records,
    inserted,
    updated,
    unchanged,
    superseded,
    rejected,
    unprocessed,
    loaded,
    deleted,
    errors,
  } = counts;
  const of = (count: number | null, what: string): string[] => (count ? [`${count} ${what}`] : []);
  const parts =
    updated + unchanged === 0
      ? ''
      : ` (${[...of(inserted, 'inserted'), ...of(updated, 'updated'), ...of(unchanged, 'unchanged')].join(', ')})`;
  return [
    `${records ?? 0} records`,
    `${loaded} loaded${parts}`,
    ...of(superseded, 'superseded'),
    `${rejected} rejected (${errors} errors)`,
    ...of(unprocessed, 'unprocessed'),
    ...of(deleted, 'rows deleted'),
  ].join(', ');
}
