// A client for POST /v1/imports that says exactly what goes over the wire, and a look at what an upload left behind.
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import type pg from 'pg';
import { parseDataset } from '../../src/core/dataset/document/parse-dataset.ts';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { applyTables } from '../../src/db/datasets/dataset-tables.ts';
import { saveDataset } from '../../src/db/datasets/datasets.ts';
import { databaseOn } from '../../src/db/transaction.ts';
import { bearer, createApi, type TestApi, type TestApiOptions } from './api.ts';

/** One field of each sort that matters here: required, typed, unique, free. */
export const PEOPLE: Dataset = {
  name: 'people',
  schema: {
    fields: [
      { name: 'name', type: 'string', title: '氏名', constraints: { required: true, maxLength: 20 } },
      { name: 'age', type: 'integer', title: '年齢', constraints: { minimum: 0 } },
      { name: 'email', type: 'string', constraints: { unique: true } },
      { name: 'note', type: 'string' },
    ],
  },
  target: { table: 'people' },
};

/** With a linked table: a shop's city is a row of `places`. */
export const SHOPS: Dataset = {
  name: 'shops',
  schema: {
    fields: [
      { name: 'code', type: 'string', constraints: { unique: true } },
      { name: 'size', type: 'integer' },
      { name: 'city', type: 'string' },
    ],
  },
  target: { table: 'shops', links: [{ table: 'places', column: 'place_id', fields: ['city'] }] },
};

/** Makes a dataset and its tables, as `sluice datasets apply` does. */
export async function addDataset(pool: pg.Pool, document: Dataset): Promise<Dataset> {
  const dataset = parseDataset(document, 'the test');
  const client = await pool.connect();
  try {
    await applyTables(databaseOn(client), dataset);
    await saveDataset(databaseOn(client), dataset);
  } finally {
    client.release();
  }
  return dataset;
}

/** The API over a real socket, with the dataset PEOPLE. */
export async function listeningApi(options: TestApiOptions = {}): Promise<TestApi> {
  const api = await createApi(options);
  await addDataset(api.database.pool, PEOPLE);
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  return api;
}

export function portOf(api: TestApi): number {
  return (api.app.server.address() as AddressInfo).port;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON. */
  json(): Record<string, unknown>;
}

export interface Upload {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream goes out chunked, unless a Content-Length is given. */
  readonly body: string | Buffer | Readable;
  /** Default: the admin's. */
  readonly key?: string;
  readonly path?: string;
}

/** Sends with node:http on a connection of its own. The answer counts from when it comes, sent to the end or not. */
export async function upload(
  api: TestApi,
  { query = '', headers, body, key, path }: Upload,
): Promise<Answer> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const outgoing = request({
    port: portOf(api),
    host: '127.0.0.1',
    method: 'POST',
    path: path ?? `/v1/imports${query}`,
    agent: false,
    headers: {
      ...bearer(key ?? api.adminKey),
      'content-type': 'text/csv',
      ...(Buffer.isBuffer(bytes) ? { 'content-length': String(bytes.length) } : {}),
      ...headers,
    },
  });
  const answered = once(outgoing, 'response');
  Readable.from(Buffer.isBuffer(bytes) ? [bytes] : bytes, { objectMode: false }).pipe(outgoing);
  const [incoming] = (await answered) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  outgoing.destroy();
  const whole = Buffer.concat(parts);
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    body: whole,
    json: () => JSON.parse(whole.toString()) as Record<string, unknown>,
  };
}

export const BOUNDARY = 'sluice-test-boundary';
export const FORM = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };

export interface Part {
  readonly name: string;
  readonly content: string | Buffer;
  readonly fileName?: string;
  /** Header lines besides Content-Disposition. */
  readonly headers?: readonly string[];
}

/** A form as it stands on the wire. */
export function form(parts: readonly Part[], closing = `--${BOUNDARY}--\r\n`): Buffer {
  const pieces = parts.flatMap(({ name, content, fileName, headers = [] }) => {
    const file = fileName === undefined ? '' : `; filename="${fileName}"`;
    const lines = [
      `--${BOUNDARY}`,
      `Content-Disposition: form-data; name="${name}"${file}`,
      ...headers,
      '',
      '',
    ];
    return [Buffer.from(lines.join('\r\n')), Buffer.from(content), Buffer.from('\r\n')];
  });
  return Buffer.concat([...pieces, Buffer.from(closing)]);
}

/** The request line and headers of an upload, for a client that writes to the socket itself. */
export function rawRequest(
  api: TestApi,
  headers: Readonly<Record<string, string>>,
  query = '?dataset=people',
): string {
  const all = { host: '127.0.0.1', ...bearer(api.adminKey), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `POST /v1/imports${query} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

export async function openSocket(api: TestApi): Promise<Socket> {
  const socket = connect(portOf(api), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** All that the API has kept: task and import rows, and every file and folder of its storage. */
export async function kept(api: TestApi): Promise<string[]> {
  const { rows } = await api.database.pool.query<{ what: string }>(
    `SELECT 'task ' || id AS what FROM sluice.tasks UNION ALL SELECT 'import ' || id FROM sluice.imports
     UNION ALL SELECT 'upload ' || id FROM sluice.uploads`,
  );
  const files = await readdir(api.deps.config.storageDir, { recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
      throw error;
    },
  );
  // The folders of all imports and of all kept uploads stay.
  const own = files.filter((name) => name !== 'imports' && name !== 'uploads');
  return [...rows.map((row) => row.what), ...own].sort();
}
