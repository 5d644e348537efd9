// Where `sluice up` tells the other commands what it runs, so that `sluice keys`, `worker` or `import` beside it need no settings.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RunningServers {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Of the API. */
  readonly url: string;
}

/** Written when all is running; holds passwords, so only the owner may read it. */
export function tellRunningServers(home: string, servers: RunningServers): void {
  writeFileSync(fileIn(home), `${JSON.stringify(servers, null, 2)}\n`, { mode: 0o600 });
}

export function forgetRunningServers(home: string): void {
  rmSync(fileIn(home), { force: true });
}

/**
 * What `up` runs in this home, as settings; empty when it does not run. After a kill -9 of `up` the addresses may be
 * stale: a command then says that nobody answers there.
 */
export function runningSettings(home: string): Readonly<Record<string, string>> {
  let text: string;
  try {
    text = readFileSync(fileIn(home), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  const { databaseUrl, redisUrl, url } = JSON.parse(text) as RunningServers;
  return { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, SLUICE_URL: url };
}

function fileIn(home: string): string {
  return join(home, 'running.json');
}
