// What an upload may not hold for ever: a place among the uploads, a connection, a stream of events.
import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, createApi, type TestApi } from '../../support/api.ts';
import { addImport, openSlot, type TestSlot } from '../../support/slot.ts';
import {
  addDataset,
  BOUNDARY,
  FORM,
  kept,
  listeningApi,
  openSocket,
  PEOPLE,
  portOf,
  rawRequest,
  upload,
} from '../../support/uploads.ts';
import { waitFor } from '../../support/wait-for.ts';

const CSV = { 'content-type': 'text/csv' };
const MIB = 1024 * 1024;

let api: TestApi;
let slot: TestSlot;

beforeAll(async () => {
  api = await listeningApi({
    env: {
      SLUICE_UPLOADS_AT_ONCE: '3',
      SLUICE_UPLOADS_AT_ONCE_PER_KEY: '2',
      SLUICE_STREAMS_PER_KEY: '2',
      // So that a question is asked at once, and not when the whole file is kept.
      SLUICE_KEPT_UPLOADS: '0',
    },
  });
  slot = await openSlot(api.database.url, api.deps.config.storageDir);
});
afterAll(async () => {
  await slot.close();
  await api.close();
});

/** An upload that is being taken and does not end by itself. */
async function begin(key: string): Promise<ClientRequest> {
  const sending = request({
    port: portOf(api),
    host: '127.0.0.1',
    method: 'POST',
    path: '/v1/imports?dataset=people',
    agent: false,
    headers: { ...bearer(key), ...CSV, expect: '100-continue' },
  });
  sending.on('error', () => undefined).flushHeaders();
  await once(sending, 'continue');
  sending.write('name\n');
  return sending;
}

async function endsWith(sending: ClientRequest): Promise<number | undefined> {
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
  sending.end('x\n');
  const [answer] = await answered;
  await answer.resume().toArray();
  return answer.statusCode;
}

/** A reset is an end too. */
const closeOf = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

const small = (key: string) => upload(api, { query: '?dataset=people', body: 'name\nx\n', key });
const statusOf = async (key: string) => (await small(key)).status;

describe('uploads at once', () => {
  it('are limited for a key and in all: 503 with when to try again, and nothing is kept', async () => {
    const [one, other] = await Promise.all([api.keyOf('operator'), api.keyOf('operator')]);
    const [first, second] = [await begin(one), await begin(one)];
    const refused = await small(one);
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('5');
    expect(refused.json()).toMatchObject({
      code: 'TOO_MANY_UPLOADS',
      detail: expect.stringContaining('a key may send at once (2)'),
    });
    const third = await begin(other);
    const full = await small(other);
    expect(full.status).toBe(503);
    expect(full.json().detail).toContain('this server takes at once (3)');

    // What reads, and what makes no upload, is not held back.
    expect((await api.call({ url: '/v1/me' })).statusCode).toBe(200);
    expect(await endsWith(first)).toBe(202);
    // A client that goes away leaves its place too.
    second.destroy();
    third.destroy();
    await waitFor(async () => (await statusOf(one)) === 202 && (await statusOf(other)) === 202, {
      what: 'the places to be free again',
    });
  });
});

describe('a body that is not read', () => {
  /** Writes for as long as it can; gives all that came back when the server has closed. */
  async function sendUntilClosed(socket: Socket, piece: Buffer): Promise<string> {
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    const closed = closeOf(socket);
    const send = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', send);
    send();
    await closed;
    return answer;
  }

  it.each([
    ['no key', { authorization: 'Bearer none' }, 401],
    ['a role that may not', 'viewer', 403],
  ] as const)('%s: the answer, then the connection is closed', async (_name, who, status) => {
    const headers = typeof who === 'string' ? bearer(await api.keyOf(who)) : who;
    const socket = await openSocket(api);
    const from = socket.bytesWritten;
    socket.write(rawRequest(api, { ...CSV, ...headers, 'content-length': String(1000 * MIB) }));
    const answer = await sendUntilClosed(socket, Buffer.alloc(MIB, 'x,y\n'));
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
    expect(socket.bytesWritten - from).toBeLessThan(64 * MIB);
  });

  it('of a path where there is nothing, and of a JSON route, neither', async () => {
    for (const path of ['/v1/nothing', '/v1/users']) {
      const socket = await openSocket(api);
      const lines = [`POST ${path} HTTP/1.1`, 'host: x', 'content-type: application/json'];
      socket.write(`${[...lines, `content-length: ${1000 * MIB}`].join('\r\n')}\r\n\r\n`);
      expect(await sendUntilClosed(socket, Buffer.alloc(MIB, 'x'))).toMatch(/^HTTP\/1\.1 4(01|04|13)/);
    }
  });

  it('is not even asked for, of a client that asks whether to send it', async () => {
    const sending = request({
      port: portOf(api),
      host: '127.0.0.1',
      method: 'POST',
      path: '/v1/imports?dataset=people',
      agent: false,
      headers: { ...CSV, ...bearer('none'), expect: '100-continue', 'content-length': '7' },
    });
    let invited = false;
    sending
      .on('continue', () => (invited = true))
      .on('error', () => undefined)
      .flushHeaders();
    const [answer] = (await once(sending, 'response')) as [IncomingMessage];
    expect([answer.statusCode, invited]).toEqual([401, false]);

    const allowed = request({
      port: portOf(api),
      host: '127.0.0.1',
      method: 'POST',
      path: '/v1/imports?dataset=people',
      agent: false,
      headers: { ...CSV, ...bearer(api.adminKey), expect: '100-continue', 'content-length': '7' },
    });
    allowed.flushHeaders();
    await once(allowed, 'continue');
    allowed.end('name\nx\n');
    const [taken] = (await once(allowed, 'response')) as [IncomingMessage];
    expect(taken.resume().statusCode).toBe(202);
  });

  it('after a 422 is waited for some seconds, and not for ever', async () => {
    const socket = await openSocket(api);
    socket.write(rawRequest(api, { ...CSV, 'content-length': String(1000 * MIB) }));
    socket.write('nmae,note\n'.padEnd(200_000, 'x,y\n'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 422/);
    await closeOf(socket);
  });
});

it('a body that comes one byte a second is given up with 408, raw, in a form and as JSON', async () => {
  const before = await kept(api);
  const form = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nname\n`;
  const json = { 'content-type': 'application/json', 'content-length': '1000' };
  const starts = [
    rawRequest(api, { ...CSV, 'content-length': '1000' }) + 'name\n',
    rawRequest(api, { ...FORM, 'content-length': '1000' }) + form,
    rawRequest(api, json).replace('/v1/imports?dataset=people', '/v1/users'),
  ];
  const answers = await Promise.all(
    starts.map(async (start) => {
      const socket = await openSocket(api);
      let answer = '';
      socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
      socket.write(start);
      const drip = setInterval(() => socket.write('x'), 1000);
      await closeOf(socket);
      clearInterval(drip);
      return answer;
    }),
  );
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*UPLOAD_TOO_SLOW/);
  await waitFor(async () => (await kept(api)).length === before.length, { what: 'nothing to be kept' });
});

describe('event streams', () => {
  async function stream(key: string, id: string): Promise<IncomingMessage> {
    const sent = request({
      port: portOf(api),
      host: '127.0.0.1',
      path: `/v1/imports/${id}/events`,
      agent: false,
      headers: bearer(key),
    }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.on('error', () => undefined);
    return answer;
  }
  const keyIdOf = async (key: string) =>
    (await api.app.inject({ url: '/v1/me', headers: bearer(key) })).json<{ id: string; keyId: string }>();

  it('are limited for a key: one more is 429 and says so', async () => {
    const [key, other] = await Promise.all([api.keyOf('viewer'), api.keyOf('viewer')]);
    const id = await addImport(slot, PEOPLE, 'name\na\n');
    const open = [await stream(key, id), await stream(key, id)];
    const refused = await stream(key, id);
    expect(refused.statusCode).toBe(429);
    const problem = JSON.parse((await refused.toArray()).join('')) as object;
    expect(problem).toMatchObject({
      code: 'RATE_LIMITED',
      detail: expect.stringContaining('2 event streams open'),
    });
    const others = await stream(other, id);
    expect(others.statusCode).toBe(200);
    for (const each of [...open, others]) each.destroy();
    await waitFor(
      async () => {
        const again = await stream(key, id);
        again.destroy();
        return again.statusCode === 200;
      },
      { what: 'the places to be free again' },
    );
  });

  it.each([
    [
      'its key is revoked',
      ({ keyId }: { keyId: string }) => api.call({ method: 'DELETE', url: `/v1/keys/${keyId}` }),
    ],
    [
      'its key expires',
      ({ keyId }: { keyId: string }) =>
        api.database.pool.query('UPDATE sluice.api_keys SET expires_at = now() WHERE id = $1', [keyId]),
    ],
    [
      'its user is removed',
      ({ id }: { id: string }) => api.call({ method: 'DELETE', url: `/v1/users/${id}` }),
    ],
  ] as const)('end when %s', async (_name, change) => {
    const key = await api.keyOf('viewer');
    const answer = await stream(key, await addImport(slot, PEOPLE, 'name\na\n'));
    const ended = once(answer, 'end');
    answer.resume();
    await change(await keyIdOf(key));
    await ended;
  });
});

it('0 sets no limit', async () => {
  const free = await createApi({
    env: { SLUICE_UPLOADS_AT_ONCE: '0', SLUICE_UPLOADS_AT_ONCE_PER_KEY: '0', SLUICE_STREAMS_PER_KEY: '0' },
  });
  try {
    await addDataset(free.database.pool, PEOPLE);
    await free.app.listen({ port: 0, host: '127.0.0.1' });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => upload(free, { query: '?dataset=people', body: 'name\nx\n' })),
    );
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  } finally {
    await free.close();
  }
});
