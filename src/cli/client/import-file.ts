// `sluice import FILE --dataset D …`, `sluice retry IMPORT FILE`, `sluice commit IMPORT`: what becomes an import and can be watched.
import { randomUUID } from 'node:crypto';
import { constants, openAsBlob } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { say } from '../print.ts';
import { ClientError, type ApiClient } from './client.ts';
import { formOf, type FileOptions } from './file-options.ts';
import { importPath, type ImportJson } from './import-json.ts';
import { follow, type FollowOptions } from './watch-import.ts';

export interface SendOptions extends FileOptions, FollowOptions {}

const UPLOAD_PATIENCE_MS = 60_000;

/** Sends a file; with `watch`, follows it to its end. @returns the exit code */
export async function importFile(
  client: ApiClient,
  path: string,
  options: SendOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  return sendFile(client, '/v1/imports', formOf(options), path, options, out);
}

/** Sends corrected rejects; with `watch`, follows them to their end. @returns the exit code */
export async function retryImport(
  client: ApiClient,
  importId: string,
  path: string,
  options: SendOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  return sendFile(client, importPath(importId, '/retries'), formOf(options), path, options, out);
}

/** Loads what a dry run has tried; with `watch`, follows it to its end. @returns the exit code */
export async function commitImport(
  client: ApiClient,
  importId: string,
  options: FollowOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  const asked: ImportJson = await client.json(importPath(importId, '/commit'), { method: 'POST' });
  return follow(client, asked, options, out);
}

/** With a key of its own, so that a lost answer can be asked for again: the file is taken once, however often it is sent. */
async function sendFile(
  client: ApiClient,
  url: string,
  form: FormData,
  path: string,
  { idempotencyKey = randomUUID(), ...options }: SendOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  form.set('file', await openFile(path), basename(path));
  const sent: ImportJson = await client.json(url, {
    method: 'POST',
    body: form,
    headers: { 'idempotency-key': idempotencyKey },
    patienceMs: UPLOAD_PATIENCE_MS,
  });
  if (sent.duplicateOf !== null && options.json !== true)
    say(out, `The same file was sent before, as import ${sent.duplicateOf}.`);
  return follow(client, sent, options, out);
}

/** Read while it is sent, never whole in memory. */
async function openFile(path: string): Promise<Blob> {
  await access(path, constants.R_OK).catch((error: Error) => {
    throw new ClientError(`The file ${path} cannot be read: ${error.message}`, { cause: error });
  });
  return openAsBlob(path);
}
