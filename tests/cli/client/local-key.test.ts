// The admin key of a home opens one API; no other address may see it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { tellRunningServers } from '../../../src/cli/up/running-servers.ts';
import { takeLock } from '../../../src/embedded/process-lock.ts';
import { spawnSluice, waitFor } from '../../support/processes.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const KEY = `slk_${'k'.repeat(43)}`;

let home: string;
beforeEach(() => {
  home = join(temporaryFolder(), 'home');
  mkdirSync(home);
  writeFileSync(join(home, 'admin.key'), `${KEY}\n`);
});

/** A program that answers every request as a list with nothing in it, and keeps what it was sent. */
async function listener(): Promise<{ url: string; keys: (string | undefined)[] }> {
  const keys: (string | undefined)[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    keys.push(request.headers.authorization);
    response.setHeader('content-type', 'application/json').end('{"data":[],"nextCursor":null}');
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  const port = await waitFor(() => (server.address() as { port: number } | null)?.port, { what: 'a port' });
  return { url: `http://127.0.0.1:${port}`, keys };
}

/** As an `up` that runs in the home, in this process, has left it. */
async function runsHere(url: string): Promise<{ stop: () => void }> {
  const attempt = await takeLock(join(home, 'up.lock'));
  if (!attempt.taken) throw new Error('The lock is taken.');
  tellRunningServers(home, {
    databaseUrl: 'postgres://nobody',
    databaseDirectUrl: '',
    redisUrl: 'redis://nobody',
    url,
  });
  return { stop: attempt.lock.release };
}

async function list(env: Record<string, string | undefined>) {
  const process = spawnSluice(['list'], {
    env: { SLUICE_HOME: home, SLUICE_URL: undefined, SLUICE_API_KEY: undefined, ...env },
  });
  return { code: (await process.exited).code, said: process.output().trim() };
}

it('goes to the API that runs in the home, by whatever path', async () => {
  const here = await listener();
  await runsHere(here.url);
  expect(await list({})).toEqual({ code: 0, said: 'There is no such import.' });
  expect(await list({ SLUICE_URL: `${here.url}/below/` })).toMatchObject({ code: 0 });
  expect(here.keys).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`]);
});

it('goes to no other address', async () => {
  const [here, other] = [await listener(), await listener()];
  await runsHere(here.url);
  expect(await list({ SLUICE_URL: other.url })).toEqual({
    code: 1,
    said: `sluice: SLUICE_API_KEY is not set, and the admin key in ${home} is only for the API that runs there (${here.url}), not for SLUICE_URL (${other.url}). Set SLUICE_API_KEY to a key of that API.`,
  });
  expect([...here.keys, ...other.keys]).toEqual([]);
});

it('goes nowhere when nothing runs in the home, whatever a killed one has left behind', async () => {
  const other = await listener();
  expect(await list({ SLUICE_URL: other.url })).toMatchObject({ code: 1 });
  const { stop } = await runsHere(other.url);
  stop();
  const refused = await list({ SLUICE_URL: other.url });
  expect(refused.code).toBe(1);
  expect(refused.said).toContain(`no "sluice up" runs in ${home}`);
  expect(other.keys).toEqual([]);
});

it('a key that was given goes anywhere', async () => {
  const other = await listener();
  expect(await list({ SLUICE_URL: other.url, SLUICE_API_KEY: 'slk_given' })).toMatchObject({ code: 0 });
  expect(other.keys).toEqual(['Bearer slk_given']);
});
