// The API as main.ts builds it, over a fresh database and queues of its own.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { inject } from 'vitest';
import { buildApp, type App } from '../../src/api/app.ts';
import type { ApiDeps } from '../../src/api/deps.ts';
import { closeDeps, openDeps } from '../../src/api/open-deps.ts';
import { readConfig } from '../../src/config/config.ts';
import { apiKeyText } from '../../src/core/access/api-key.ts';
import type { Role } from '../../src/core/access/roles.ts';
import { ensureAdminKey } from '../../src/db/access/api-keys.ts';
import { openWorkbooks } from '../../src/intake/excel/workbooks.ts';
import { createLogger } from '../../src/logger.ts';
import { createDatabase, type TestDatabase } from './database.ts';
import { uniquePrefix } from './redis.ts';

export interface TestApi {
  readonly app: App;
  readonly deps: ApiDeps;
  readonly database: TestDatabase;
  readonly adminKey: string;
  /** Sends a request with the admin key, unless it has its own `authorization`. */
  call(options: InjectOptions): Promise<LightMyRequestResponse>;
  /** A key of a new user with this role. */
  keyOf(role: Role): Promise<string>;
  /** Ends the app and all it stands on, and drops the database. */
  close(): Promise<void>;
}

export interface TestApiOptions {
  /** Environment variables on top of those that every test has. */
  readonly env?: Readonly<Record<string, string>>;
  /** Another way to the fresh database than straight to it. */
  readonly databaseUrl?: (url: string) => Promise<string>;
}

export function bearer(key: string): { authorization: string } {
  return { authorization: `Bearer ${key}` };
}

/** Builds it ready for `app.inject` and for `app.listen`. */
export async function createApi(options: TestApiOptions = {}): Promise<TestApi> {
  const database = await createDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-api-'));
  const config = readConfig({
    DATABASE_URL: (await options.databaseUrl?.(database.url)) ?? database.url,
    REDIS_URL: inject('redisUrl'),
    SLUICE_HOME: folder,
    SLUICE_QUEUE_PREFIX: uniquePrefix(),
    // Tests look for files where large ones are.
    SLUICE_SMALL_FILE_BYTES: '0',
    SLUICE_LOG_LEVEL: process.env['SLUICE_LOG_LEVEL'] ?? 'silent',
    ...options.env,
  });
  const opened = openDeps(config, createLogger(config, 'api'));
  const deps = { ...opened, workbooks: openWorkbooks(config, opened.logger) };
  const adminKey = apiKeyText(randomBytes(32));
  await ensureAdminKey(deps.database.db, adminKey);
  const app = await buildApp(deps);
  await app.ready();

  const call: TestApi['call'] = (request) =>
    app.inject({ ...request, headers: { ...bearer(adminKey), ...request.headers } });
  return {
    app,
    deps,
    database,
    adminKey,
    call,
    keyOf: (role) => newKey(call, role),
    close: async () => {
      await app.close();
      await closeDeps(deps);
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function newKey(call: TestApi['call'], role: Role): Promise<string> {
  const email = `${randomBytes(6).toString('hex')}@example.com`;
  const user = await call({ method: 'POST', url: '/v1/users', payload: { name: role, email, role } });
  const key = await call({
    method: 'POST',
    url: '/v1/keys',
    payload: { name: 'test', userId: user.json<{ id: string }>().id },
  });
  return key.json<{ key: string }>().key;
}
