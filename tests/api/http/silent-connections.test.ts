import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createApi } from '../../support/api.ts';

/** Far less than the time that Node gives a client for its headers. */
const PATIENCE_MS = 30_000;

it(
  'a connection on which nothing was sent does not hold up the stop',
  async () => {
    const api = await createApi();
    await api.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = api.app.server.address() as AddressInfo;
    const opened = once(api.app.server, 'connection');
    const silent = connect({ port, host: '127.0.0.1' });
    await opened;
    const closed = once(silent, 'close');
    await api.close();
    await closed;
    expect(silent.destroyed).toBe(true);
  },
  PATIENCE_MS,
);
