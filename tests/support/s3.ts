// An S3 in the test's own process: fauxqs, and before it a gate that can fail as S3 fails, and that adds what fauxqs lacks (lists of
// unfinished uploads and of their parts, copies in parts, and the headers that a signed address asks for).
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { startFauxqs } from 'fauxqs';
import { readConfig, type Config } from '../../src/config/config.ts';

export const BUCKET = 'sluice-tests';

/** What becomes of a request. */
export type Fault =
  /** An answer of S3's own. */
  | { readonly kind: 'refused'; readonly status: number; readonly code: string }
  /** No answer. */
  | { readonly kind: 'silent' }
  /** It is done, and the answer ends after so many bytes, without a word. */
  | { readonly kind: 'cut'; readonly afterBytes: number };

export interface S3Request {
  readonly method: string;
  /** Without the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** What its `Content-MD5` says. */
  readonly md5?: string | undefined;
}

export interface TestS3 {
  /** What a process is started with. */
  readonly env: Readonly<Record<string, string>>;
  /** The same as settings, with a prefix of its own. */
  settings(more?: Partial<Config>): Config;
  /** Requests so far. */
  readonly requests: readonly S3Request[];
  /** Keys of uploads in parts that have not ended. */
  unfinished(): string[];
  /** How many parts these have. */
  parts(): number;
  /** As if all that is there had come so much longer ago. */
  age(ms: number): void;
  /** Keys of files, without the bucket. */
  keys(prefix: string): Promise<string[]>;
  removeFolder(prefix: string): Promise<void>;
  /** From now on, until `fault` is called again; gives undefined for a request that goes through. */
  fault(of?: (request: S3Request) => Fault | undefined): void;
  stop(): Promise<void>;
}

interface Unfinished {
  readonly key: string;
  begunAt: number;
  readonly parts: Map<number, { at: number; etag: string }>;
}

/** S3 gives a thousand; so few show that all pages are asked for. */
const UPLOADS_A_PAGE = 2;
const PARTS_A_PAGE = 1;

let prefixes = 0;

export async function startS3(): Promise<TestS3> {
  const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test-secret' };
  Object.assign(process.env, credentials);
  const server = await startFauxqs({ port: 0, logger: false, host: '127.0.0.1' });
  server.createBucket(BUCKET);
  const unfinished = new Map<string, Unfinished>();
  const requests: S3Request[] = [];
  let faultOf: (asked: S3Request) => Fault | undefined = () => undefined;
  let agedMs = 0;

  /** To fauxqs, past the gate. */
  async function ask(method: string, path: string, headers: object, body?: Buffer): Promise<IncomingMessage> {
    // A connection that is kept may be closed by the server in the moment when it is used again.
    const place = { host: '127.0.0.1', port: server.port, agent: false };
    const sent = request({ ...place, method, path, headers: { ...headers } });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return answer;
  }

  async function answerTo(
    asked: S3Request,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    const fault = faultOf(asked);
    if (fault?.kind === 'silent') return;
    if (fault?.kind === 'refused') return refuse(outgoing, fault.status, fault.code);
    const { method, query } = asked;
    const uploadId = query.get('uploadId') ?? '';
    if (method === 'GET' && query.has('uploads')) return xml(outgoing, uploadsXml(query));
    if (method === 'GET' && uploadId !== '') {
      const upload = unfinished.get(uploadId);
      return upload === undefined
        ? refuse(outgoing, 404, 'NoSuchUpload')
        : xml(outgoing, partsXml(upload, Number(query.get('part-number-marker') ?? 0)));
    }
    const copied = incoming.headers['x-amz-copy-source'];
    if (uploadId !== '' && typeof copied === 'string')
      return copyPart(outgoing, asked, `/${copied}`, String(incoming.headers['x-amz-copy-source-range']));

    const body = await buffer(incoming);
    const answer = await ask(method, incoming.url!, incoming.headers, body);
    const isList = query.has('list-type');
    let text = method === 'POST' || isList ? await buffer(answer) : undefined;
    if (isList) text = Buffer.from(aged(text!.toString()));
    note(asked, answer, text?.toString() ?? '');
    const headers = { ...answer.headers, ...asHeaders(query) };
    outgoing.writeHead(answer.statusCode!, headers);
    if (fault !== undefined)
      outgoing.write((text ?? (await buffer(answer))).subarray(0, fault.afterBytes), () =>
        outgoing.destroy(),
      );
    else if (text !== undefined) outgoing.end(text);
    else answer.pipe(outgoing);
  }

  function aged(list: string): string {
    return list.replaceAll(/(?<=<LastModified>)[^<]+/g, (at) =>
      new Date(Date.parse(at) - agedMs).toISOString(),
    );
  }

  async function keys(prefix: string): Promise<string[]> {
    const query = new URLSearchParams({ 'list-type': '2', prefix });
    const list = await buffer(await ask('GET', `/${BUCKET}?${query.toString()}`, {}));
    return [...list.toString().matchAll(/<Key>([^<]+)/g)].map((match) => match[1]!);
  }

  /** What the lists are made of. */
  function note({ method, key, query }: S3Request, answer: IncomingMessage, text: string): void {
    if (answer.statusCode !== 200 && answer.statusCode !== 204) return;
    const uploadId = query.get('uploadId') ?? '';
    if (method === 'POST' && query.has('uploads')) {
      const id = /<UploadId>([^<]+)/.exec(text)![1]!;
      unfinished.set(id, { key, begunAt: Date.now(), parts: new Map() });
    } else if (uploadId !== '' && method === 'PUT')
      unfinished
        .get(uploadId)
        ?.parts.set(Number(query.get('partNumber')), { at: Date.now(), etag: answer.headers.etag! });
    else if (uploadId !== '') unfinished.delete(uploadId);
  }

  async function copyPart(
    outgoing: ServerResponse,
    { key, query }: S3Request,
    from: string,
    range: string,
  ): Promise<void> {
    const piece = await buffer(await ask('GET', from, { range }));
    const path = `/${BUCKET}/${key}?${query.toString()}`;
    const answer = await ask('PUT', path, { 'content-length': piece.length }, piece);
    note({ method: 'PUT', key, query }, answer, '');
    answer.resume();
    xml(outgoing, `<CopyPartResult><ETag>${answer.headers.etag}</ETag></CopyPartResult>`);
  }

  function uploadsXml(query: URLSearchParams): string {
    const from = [query.get('key-marker') ?? '', query.get('upload-id-marker') ?? ''].join('\n');
    const all = [...unfinished]
      .map(([id, upload]) => ({ id, ...upload, place: [upload.key, id].join('\n') }))
      .filter(({ key, place }) => key.startsWith(query.get('prefix') ?? '') && place > from)
      .toSorted((one, other) => (one.place < other.place ? -1 : 1));
    const page = all.slice(0, UPLOADS_A_PAGE);
    const uploads = page.map(
      ({ id, key, begunAt }) =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${new Date(begunAt).toISOString()}</Initiated></Upload>`,
    );
    const { key = '', id = '' } = page.at(-1) ?? {};
    const next = `<NextKeyMarker>${key}</NextKeyMarker><NextUploadIdMarker>${id}</NextUploadIdMarker>`;
    return `<ListMultipartUploadsResult>${uploads.join('')}${next}<IsTruncated>${all.length > page.length}</IsTruncated></ListMultipartUploadsResult>`;
  }

  const gate = createServer((incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url!, 'http://gate');
    const [, bucket, ...path] = pathname.split('/');
    const asked = {
      method: incoming.method!,
      key: decodeURIComponent(path.join('/')),
      query: searchParams,
      md5: incoming.headers['content-md5'] as string | undefined,
    };
    if (bucket === BUCKET) requests.push(asked);
    outgoing.on('error', () => undefined);
    answerTo(asked, incoming, outgoing).catch(() => outgoing.destroy());
  });
  gate.keepAliveTimeout = 60_000;
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  const endpoint = `http://127.0.0.1:${(gate.address() as AddressInfo).port}`;
  const env = {
    ...credentials,
    SLUICE_STORAGE_URL: `s3://${BUCKET}`,
    SLUICE_S3_ENDPOINT: endpoint,
    SLUICE_S3_PATH_STYLE: 'true',
  };
  return {
    env,
    settings: (more = {}) => ({
      ...readConfig({ ...env, SLUICE_STORAGE_URL: `${env.SLUICE_STORAGE_URL}/${++prefixes}` }),
      ...more,
    }),
    requests,
    unfinished: () => [...unfinished.values()].map(({ key }) => key),
    parts: () => [...unfinished.values()].reduce((sum, { parts }) => sum + parts.size, 0),
    keys,
    async removeFolder(prefix) {
      for (const key of await keys(prefix)) (await ask('DELETE', `/${BUCKET}/${key}`, {})).resume();
    },
    age: (ms) => {
      agedMs += ms;
      for (const upload of unfinished.values()) {
        upload.begunAt -= ms;
        for (const part of upload.parts.values()) part.at -= ms;
      }
    },
    fault: (of = () => undefined) => void (faultOf = of),
    stop: async () => {
      gate.closeAllConnections();
      gate.close();
      await server.stop();
    },
  };
}

function xml(outgoing: ServerResponse, text: string): void {
  outgoing.writeHead(200, { 'content-type': 'application/xml' }).end(text);
}

function refuse(outgoing: ServerResponse, status: number, code: string): void {
  outgoing
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<Error><Code>${code}</Code><Message>as the test wants it</Message></Error>`);
}

/** @param from the number of the last part of the page before */
function partsXml({ key, parts }: Unfinished, from: number): string {
  const all = [...parts].filter(([no]) => no > from).toSorted(([one], [other]) => one - other);
  const page = all.slice(0, PARTS_A_PAGE);
  const shown = page.map(
    ([no, { at, etag }]) =>
      `<Part><PartNumber>${no}</PartNumber><ETag>${etag.replaceAll('"', '&quot;')}</ETag><LastModified>${new Date(at).toISOString()}</LastModified></Part>`,
  );
  const next = `<NextPartNumberMarker>${page.at(-1)?.[0] ?? from}</NextPartNumberMarker>`;
  return `<ListPartsResult><Key>${key}</Key>${shown.join('')}${next}<IsTruncated>${all.length > page.length}</IsTruncated></ListPartsResult>`;
}

/** `response-content-type` and its like in the query of a signed address. */
function asHeaders(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    [...query]
      .filter(([name]) => name.startsWith('response-'))
      .map(([name, value]) => [name.slice('response-'.length), value]),
  );
}
