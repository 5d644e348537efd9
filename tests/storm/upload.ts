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
}

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
  { key, options = {}, midway, retryOf }: UploadOptions,
): Promise<Uploaded> {
  const refusals: string[] = [];
  const path =
    retryOf === undefined
      ? `/v1/imports?${new URLSearchParams({ dataset: file.dataset, ...options }).toString()}`
      : `/v1/imports/${retryOf}/retries?${new URLSearchParams(options).toString()}`;
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await delay(PAUSE_MS)) {
    const answer = await send(house, path, key, file.bytes, refusals.length === 0 ? midway : undefined);
    if (answer.status === 202 || answer.status === 200)
      return { importId: (JSON.parse(answer.body) as { id: string }).id, refusals };
    refusals.push(`${answer.status} ${answer.body.slice(0, 300)}`);
    const passing = answer.status === 0 || answer.status === 503 || answer.status === 507;
    if (!passing && !answer.body.includes('"IDEMPOTENCY_KEY_BUSY"'))
      throw new Error(`The upload was answered ${refusals.at(-1)}`);
  }
  throw new Error(`The upload was not taken within ${PATIENCE_MS} ms: ${refusals.slice(-3).join('; ')}`);
}

/** Status 0: the connection failed, and nobody knows. */
function send(
  house: StormHouse,
  path: string,
  key: string,
  bytes: Buffer,
  midway: (() => Promise<void>) | undefined,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const outgoing = request({
      port: house.apiPort,
      host: '127.0.0.1',
      method: 'POST',
      path,
      agent: false,
      headers: {
        authorization: house.authorization,
        'content-type': 'text/csv',
        'content-length': bytes.length,
        'idempotency-key': key,
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
