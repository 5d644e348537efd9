import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { connect, type AddressInfo, type LookupFunction } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { requestSafely, withMessage } from '../../../src/tasks/http/request-safely.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';

const RULES = { httpHosts: [], httpPrivateHosts: ['127.0.0.1'] };
const endings: (() => void)[] = [];

afterEach(() => {
  for (const end of endings.splice(0)) end();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const ask = (url: string, timeoutMs: number, signal = new AbortController().signal) =>
  requestSafely(RULES, { method: 'GET', url, headers: {}, timeoutMs, signal, maxBytes: 1000 });

describe('requestSafely', () => {
  it('waits no longer than it is told when garbage is collected meanwhile', async () => {
    const url = await serve(() => undefined);
    await Promise.all([
      expect(ask(url, 200)).rejects.toThrow(`${url} took too long to answer (200 ms).`),
      delay(50).then(collectGarbage),
    ]);
  });

  it('waits no longer for the rest of an answer, and says so', async () => {
    const url = await serve((_request, response) => response.writeHead(200).write('begun'));
    await expect(ask(url, 200)).rejects.toThrow(`${url} took too long to answer (200 ms).`);
  });

  it('says of a host with several addresses, of which none takes the connection, why', async () => {
    const port = Number(new URL(await serve(() => undefined)).port);
    endings.splice(0).forEach((end) => end());
    const lookup: LookupFunction = (_name, _options, done) =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ]);
    const [error] = (await once(connect({ host: 'two.example', port, lookup }), 'error')) as [Error];
    expect(error.message).toBe('');
    expect(withMessage(error)).toMatchObject({
      message: `connect ECONNREFUSED 127.0.0.1:${port}; connect ECONNREFUSED 127.0.0.2:${port}`,
      code: 'ECONNREFUSED',
    });
  });

  it('ends with the signal, for its reason', async () => {
    const attempt = new AbortController();
    const url = await serve(() => attempt.abort(new Error('The task was cancelled.')));
    await expect(ask(url, 60_000, attempt.signal)).rejects.toThrow('The task was cancelled.');
    await expect(ask(url, 60_000, attempt.signal)).rejects.toThrow('The task was cancelled.');
  });
});
