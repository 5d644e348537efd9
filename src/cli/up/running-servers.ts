// Where `sluice up` tells the other commands what it runs, so that `sluice keys`, `worker` or `import` beside it need no settings.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { livingHolder } from '../../embedded/process-lock.ts';
import { AppError } from '../../errors.ts';
import { runningFile, upLockFile } from '../home-files.ts';

export interface RunningServers {
  readonly databaseUrl: string;
  /** Empty: as `databaseUrl`. */
  readonly databaseDirectUrl: string;
  readonly redisUrl: string;
  /** Of the API. */
  readonly url: string;
}

/** Written when all is running; holds passwords, so only the owner may read it. */
export function tellRunningServers(home: string, servers: RunningServers): void {
  const file = runningFile(home);
  writeFileSync(file, `${JSON.stringify(servers, null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
}

export function forgetRunningServers(home: string): void {
  rmSync(runningFile(home), { force: true });
}

/**
 * What `up` runs in this home; undefined when none runs. A file that a killed `up` has left behind counts for nothing: another
 * program may listen at its addresses by now.
 * @throws AppError CONFIG_INVALID when the home cannot be read
 */
export function runningServers(home: string): RunningServers | undefined {
  try {
    if (livingHolder(upLockFile(home)) === undefined) return undefined;
    return JSON.parse(readFileSync(runningFile(home), 'utf8')) as RunningServers;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new AppError(
      'CONFIG_INVALID',
      code === 'ENOTDIR'
        ? `SLUICE_HOME is ${home}, which is not a folder.`
        : `SLUICE_HOME is ${home}, and what runs there cannot be read (${code ?? message}).`,
      { variable: 'SLUICE_HOME' },
      { cause: error },
    );
  }
}

/** The same as settings. */
export function runningSettings(home: string): Readonly<Record<string, string>> {
  const servers = runningServers(home);
  if (servers === undefined) return {};
  return {
    DATABASE_URL: servers.databaseUrl,
    DATABASE_DIRECT_URL: servers.databaseDirectUrl,
    REDIS_URL: servers.redisUrl,
    SLUICE_URL: servers.url,
  };
}
