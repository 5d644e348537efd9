import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { addAfterResponse } from '../../../src/api/http/after-response.ts';
import type { App } from '../../../src/api/http/fastify.ts';

let app: App;
let lines: string[];
let log: string[];

beforeEach(() => {
  log = [];
  lines = [];
  app = Fastify({
    logger: { level: 'warn', stream: { write: (line: string) => void lines.push(line) } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  addAfterResponse(app);
});

afterEach(() => app.close());

function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** A job that ends when it is told to. */
function held(name: string) {
  const { opened, open } = gate();
  const run = async (): Promise<void> => {
    log.push(`${name} begins`);
    await opened;
    log.push(`${name} ends`);
  };
  return { job: { failure: `${name} failed`, run }, end: open };
}

const said = (what: string) => ({ failure: `${what} failed`, run: () => log.push(what) });

it('answers at once, and then does one after the other, in the order given', async () => {
  const first = held('first');
  app.get('/', (request) => {
    request.afterResponse([first.job, said('second')]);
    request.afterResponse([said('third')]);
    log.push('answered');
    return 'ok';
  });
  expect((await app.inject('/')).body).toBe('ok');
  await expect.poll(() => log).toEqual(['answered', 'first begins']);
  first.end();
  await expect.poll(() => log).toEqual(['answered', 'first begins', 'first ends', 'second', 'third']);
});

it('logs what fails, and goes on', async () => {
  const failure = 'the count could not be written';
  app.get('/', (request) => {
    request.afterResponse([{ failure, run: () => Promise.reject(new Error('no space')) }, said('next')]);
    return 'ok';
  });
  expect((await app.inject('/')).statusCode).toBe(200);
  await expect.poll(() => log).toEqual(['next']);
  expect(JSON.parse(lines[0]!)).toMatchObject({ msg: failure, err: { message: 'no space' } });
});

it('is done also when the answer is an error, and when its client has gone', async () => {
  const answer = gate();
  app.get('/error', (request) => {
    request.afterResponse([said('behind an error')]);
    throw new Error('no');
  });
  app.get('/gone', async (request) => {
    request.afterResponse([said('behind nobody')]);
    log.push('asked');
    await answer.opened;
    return 'ok';
  });
  expect((await app.inject('/error')).statusCode).toBe(500);
  await expect.poll(() => log).toEqual(['behind an error']);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const client = httpRequest({ port: (app.server.address() as AddressInfo).port, path: '/gone' });
  client.on('error', () => undefined).end();
  await expect.poll(() => log).toContain('asked');
  client.destroy();
  answer.open();
  await expect.poll(() => log).toContain('behind nobody');
});

it('is waited for when the API stops', async () => {
  const work = held('work');
  app.get('/', (request) => {
    request.afterResponse([work.job]);
    return 'ok';
  });
  await app.inject('/');
  await expect.poll(() => log).toEqual(['work begins']);
  const closed = app.close().then(() => log.push('closed'));
  setImmediate(() => work.end());
  await closed;
  expect(log).toEqual(['work begins', 'work ends', 'closed']);
});
