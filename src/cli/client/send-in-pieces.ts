// A large file goes to the API in pieces (tus), so that a connection that breaks costs no more than what was on its way.
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError, type ApiClient, type Request } from './client.ts';

/** Smaller files are sent again from their beginning, which takes less than to put pieces together. */
export const IN_PIECES_FROM_BYTES = 64 * 1024 * 1024;
/** So long nothing of it may arrive. */
const PATIENCE_MS = 5 * 60_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** What may go well a moment later: somebody else was faster, it is being finished, or the request was cut on its way. */
const AGAIN = [408, 409, 423, 429, 460, 500, 502, 503, 504];
/** Why a file cannot be sent so: an API that does not know how, or that keeps no files. */
const CANNOT = [404, 405, 409];

const LOCKED = 423;
const RESUMABLE = '/v1/uploads/resumable';

const TUS = { 'tus-resumable': '1.0.0' };

/** @returns the id of the kept upload that it is then; undefined: the API takes none in pieces */
export async function sendInPieces(
  client: ApiClient,
  path: string,
  file: Blob,
  dataset: string | undefined,
): Promise<string | undefined> {
  const said = { filename: basename(path), ...(dataset === undefined ? {} : { dataset }) };
  let id: string;
  try {
    const begun = await client.request(RESUMABLE, {
      method: 'POST',
      headers: { ...TUS, 'upload-length': String(file.size), 'upload-metadata': metadata(said) },
      patienceMs: 60_000,
    });
    // A proxy may have another path in front of it than this command has.
    id = begun.headers.get('location')!.split('/').at(-1)!;
  } catch (error) {
    const { status, problem } = error as ClientError;
    // A dataset that is not there is told by the import itself.
    if (status !== undefined && CANNOT.includes(status) && problem?.code !== 'DATASET_NOT_FOUND')
      return undefined;
    throw error;
  }
  await sendFrom(client, `${RESUMABLE}/${id}`, file);
  return id;
}

async function sendFrom(client: ApiClient, path: string, file: Blob): Promise<void> {
  let arrived = 0;
  let giveUpAt = Date.now() + PATIENCE_MS;
  let waitMs = FIRST_WAIT_MS;
  for (let offset = 0; ;) {
    try {
      return await patch(client, path, file, offset);
    } catch (error) {
      if (!isWorthAnother(error) || Date.now() > giveUpAt) throw error;
      process.stderr.write(`${(error as Error).message.split('\n')[0]!} Going on where it was.\n`);
    }
    await sleep(waitMs);
    offset = await arrivedBytes(client, path, file.size, giveUpAt - Date.now());
    const isFurther = offset > arrived;
    if (isFurther) giveUpAt = Date.now() + PATIENCE_MS;
    waitMs = isFurther ? FIRST_WAIT_MS : Math.min(2 * waitMs, LONGEST_WAIT_MS);
    arrived = offset;
  }
}

/** All that is left, as long as the connection lasts. */
async function patch(client: ApiClient, path: string, file: Blob, offset: number): Promise<void> {
  await client.request(path, {
    method: 'PATCH',
    headers: { ...TUS, 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) },
    body: file.slice(offset),
  });
}

async function arrivedBytes(
  client: ApiClient,
  path: string,
  size: number,
  patienceMs: number,
): Promise<number> {
  const head: Request = { method: 'HEAD', headers: TUS, patienceMs, statuses: [LOCKED] };
  const answer = await client.request(path, head);
  // Being finished, it has all of them.
  return answer.status === LOCKED ? size : Number(answer.headers.get('upload-offset'));
}

function isWorthAnother(error: unknown): boolean {
  if (!(error instanceof ClientError)) return false;
  const { status, problem } = error;
  if (status === 400) return problem?.code === 'UPLOAD_TRUNCATED';
  return status === undefined || AGAIN.includes(status);
}

function metadata(said: Readonly<Record<string, string>>): string {
  return Object.entries(said)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',');
}
