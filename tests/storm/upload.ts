// A client that sends a file until it has its import: with an Idempotency-Key, so that an answer that was lost may be asked for again.
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { StormFile } from './files.ts';
import type { StormHouse } from './house.ts';

export interface UploadOptions {
  readonly key: string;
  /** Of the query, besides the dataset. */
  readonly options?: Readonly<Record<string, string>>;
  /** Done while the first try has sent half of its file. */
  readonly midway?: () => Promise<void>;
  /** The import whose rejects the file mends. */
  readonly retryOf?: string;
  readonly way?: UploadWay;
}

/**
 * How a file becomes an import: `sent` to it; `looked-at` first, as an upload; or `asked`: sent with an option that raises a question, and
 * imported by its answer.
 */
export type UploadWay = 'sent' | 'looked-at' | 'asked';

export interface Uploaded {
  readonly importId: string;
  /** What came in answer to tries that had to be repeated. */
  readonly refusals: readonly string[];
}

const PATIENCE_MS = 60_000;
const PAUSE_MS = 50;

/** @throws Error for an answer that a client need not expect */
export async function upload(
  house: StormHouse,
  file: Pick<StormFile, 'dataset' | 'bytes'>,
  { key, options = {}, midway, retryOf, way = 'sent' }: UploadOptions,
): Promise<Uploaded> {
  const refusals: string[] = [];
  const all = { dataset: file.dataset, ...options };
  const csv = { type: 'text/csv', bytes: file.bytes, midway };
  const path =
    retryOf === undefined
      ? withQuery('/v1/imports', all)
      : withQuery(`/v1/imports/${retryOf}/retries`, options);
  if (way === 'sent') {
    const taken = await until(house, { path, key, ...csv }, [200, 202], refusals);
    return { importId: idOf(taken), refusals };
  }
  // A header that is cut at the wrong delimiter is one cell, which no dataset knows.
  const uploadId =
    way === 'looked-at'
      ? idOf(await until(house, { path: withQuery('/v1/uploads', all), ...csv }, [201], refusals))
      : await askedId(
          house,
          { path: withQuery('/v1/imports', { ...all, delimiter: ';' }), key, ...csv },
          refusals,
        );
  const bytes = Buffer.from(JSON.stringify({ uploadId, delimiter: ',' }));
  const answer = { path: '/v1/imports', key, type: 'application/json', bytes };
  const taken = await until(house, answer, [200, 202], refusals);
  await until(house, { path: `/v1/uploads/${uploadId}`, method: 'DELETE' }, [204, 404], refusals);
  return { importId: idOf(taken), refusals };
}

function withQuery(path: string, options: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams(options).toString()}`;
}

function idOf(body: string): string {
  return (JSON.parse(body) as { id: string }).id;
}

/** The id of the upload that a question has; while the storage is full the file is not kept. */
async function askedId(house: StormHouse, request: Request, refusals: string[]): Promise<string> {
  for (const giveUpAt = Date.now() + PATIENCE_MS; Date.now() < giveUpAt; await delay(PAUSE_MS)) {
    const body = await until(house, request, [422], refusals);
    const { uploadId } = JSON.parse(body) as { uploadId?: string };
    if (uploadId !== undefined) return uploadId;
    refusals.push(`422 ${body.slice(0, 300)}`);
  }
  throw new Error('The file of a question was not kept');
}

/** Sends a request until it has one of these answers. @returns its body */
async function until(
  house: StormHouse,
  { midway, ...request }: Request,
  statuses: readonly number[],
  refusals: string[],
): Promise<string> {
  for (const giveUpAt = Date.now() + PATIENCE_MS; Date.now() < giveUpAt; await delay(PAUSE_MS)) {
    const answer = await send(house, { ...request, ...(refusals.length === 0 ? { midway } : {}) });
    if (statuses.includes(answer.status)) return answer.body;
    refusals.push(`${answer.status} ${answer.body.slice(0, 300)}`);
    const passing = answer.status === 0 || answer.status === 503 || answer.status === 507;
    if (!passing && !answer.body.includes('"IDEMPOTENCY_KEY_BUSY"'))
      throw new Error(`The upload was answered ${refusals.at(-1)}`);
  }
  throw new Error(`The upload was not taken within ${PATIENCE_MS} ms: ${refusals.slice(-3).join('; ')}`);
}

interface Request {
  readonly path: string;
  readonly method?: string;
  readonly key?: string;
  readonly type?: string;
  readonly bytes?: Buffer;
  readonly midway?: (() => Promise<void>) | undefined;
}

/** Status 0: the connection failed, and nobody knows. */
function send(
  house: StormHouse,
  { path, method = 'POST', key, type, bytes = Buffer.alloc(0), midway }: Request,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const outgoing = request({
      port: house.apiPort,
      host: '127.0.0.1',
      method,
      path,
      agent: false,
      headers: {
        authorization: house.authorization,
        'content-length': bytes.length,
        ...(type === undefined ? {} : { 'content-type': type }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
    });
    outgoing.once('error', (error) => resolve({ status: 0, body: error.message }));
    outgoing.once('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('error', (error) => resolve({ status: 0, body: error.message }));
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }),
      );
    });
    if (midway === undefined) {
      outgoing.end(bytes);
      return;
    }
    const half = bytes.length >>> 1;
    outgoing.write(bytes.subarray(0, half), () => {
      void midway().then(() => outgoing.end(bytes.subarray(half)));
    });
  });
}
