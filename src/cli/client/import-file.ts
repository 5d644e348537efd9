// `sluice import FILE --dataset D …`, `sluice retry IMPORT FILE`, `sluice commit IMPORT`: what becomes an import and can be watched.
import { randomUUID } from 'node:crypto';
import { constants, openAsBlob } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { say } from '../print.ts';
import { ClientError, type ApiClient } from './client.ts';
import { askAtTerminal, type Ask } from './ask-question.ts';
import { formOf, textsOf, type FileOptions } from './file-options.ts';
import { importPath, type ImportJson } from './import-json.ts';
import { IN_PIECES_FROM_BYTES, sendInPieces } from './send-in-pieces.ts';
import { follow, type FollowOptions } from './watch-import.ts';

export interface SendOptions extends FileOptions, FollowOptions {}

const IMPORTS = '/v1/imports';
const UPLOAD_PATIENCE_MS = 60_000;

/** Sends a file, or imports a kept one; with `watch`, follows it to its end. @returns the exit code */
export async function importFile(
  client: ApiClient,
  path: string | undefined,
  options: SendOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  return sendFile(client, IMPORTS, path, options, out);
}

/** Sends corrected rejects; with `watch`, follows them to their end. @returns the exit code */
export async function retryImport(
  client: ApiClient,
  importId: string,
  path: string | undefined,
  options: SendOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  return sendFile(client, importPath(importId, '/retries'), path, options, out);
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

/** What the file leaves open is asked at the terminal, and the import goes on with the file that the API has kept. */
async function sendFile(
  client: ApiClient,
  url: string,
  path: string | undefined,
  { idempotencyKey, ...options }: SendOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  const ask = options.json === true ? undefined : askAtTerminal();
  const uploadId = path === undefined ? undefined : await keepLarge(client, url, path, options);
  let sent: ImportJson;
  try {
    sent =
      path === undefined || uploadId !== undefined
        ? await post(
            client,
            url,
            JSON.stringify({ ...textsOf(options), ...(uploadId === undefined ? {} : { uploadId }) }),
            idempotencyKey,
          )
        : await post(client, url, await fileForm(options, path), idempotencyKey);
  } catch (error) {
    sent = await answer(client, url, error, ask);
  }
  // The import has a file of its own.
  if (uploadId !== undefined) await deleteKept(client, uploadId);
  if (sent.duplicateOf !== null && options.json !== true)
    say(out, `The same file was sent before, as import ${sent.duplicateOf}.`);
  return follow(client, sent, options, out);
}

/** One that cannot be deleted now expires by itself. */
async function deleteKept(client: ApiClient, uploadId: string): Promise<void> {
  const path = `/v1/uploads/${uploadId}`;
  await client.request(path, { method: 'DELETE', statuses: [404] }).catch((error: Error) => {
    process.stderr.write(`The file is still kept as upload ${uploadId}: ${error.message}\n`);
  });
}

/** Sends a large file in pieces. @returns the kept upload that it is then; undefined: it is to be sent with the import itself */
async function keepLarge(
  client: ApiClient,
  url: string,
  path: string,
  { dataset, create }: FileOptions,
): Promise<string | undefined> {
  const file = await openFile(path);
  if (url !== IMPORTS || create === true || file.size < IN_PIECES_FROM_BYTES) return undefined;
  return sendInPieces(client, path, file, dataset as string | undefined);
}

/** Until there is nothing left to ask. @throws the question, when there is nobody to ask or nobody knows */
async function answer(
  client: ApiClient,
  url: string,
  asked: unknown,
  ask: Ask | undefined,
): Promise<ImportJson> {
  const given: Record<string, unknown> = {};
  for (let error = asked; ;) {
    const problem = error instanceof ClientError ? error.problem : undefined;
    if (ask === undefined || problem?.uploadId === undefined) throw error;
    const more = await ask(problem);
    if (more === undefined) throw error;
    Object.assign(given, more);
    try {
      return await post(client, url, JSON.stringify({ uploadId: problem.uploadId, ...given }));
    } catch (next) {
      error = next;
    }
  }
}

async function fileForm(options: SendOptions, path: string): Promise<FormData> {
  const form = formOf(options);
  form.set('file', await openFile(path), basename(path));
  return form;
}

/** With a key of its own, so that a lost answer can be asked for again: the file is taken once, however often it is sent. */
function post(
  client: ApiClient,
  url: string,
  body: FormData | string,
  idempotencyKey: string = randomUUID(),
): Promise<ImportJson> {
  return client.json(url, {
    method: 'POST',
    body,
    headers: {
      'idempotency-key': idempotencyKey,
      ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
    },
    patienceMs: UPLOAD_PATIENCE_MS,
  });
}

/** Read while it is sent, never whole in memory. */
export async function openFile(path: string): Promise<Blob> {
  await access(path, constants.R_OK).catch((error: Error) => {
    throw new ClientError(`The file ${path} cannot be read: ${error.message}`, { cause: error });
  });
  return openAsBlob(path);
}
