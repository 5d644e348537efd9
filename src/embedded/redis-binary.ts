// Finds a redis-server, or fetches one. On Debian and its kin the system's own packages are unpacked into a folder of ours:
// nothing is installed, no service starts, and no root is needed.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AppError } from '../errors.ts';
import { baseEnv, libraryFolders, unpackPackages } from './debian-packages.ts';
import type { Log } from './log.ts';
import { waitForLock } from './process-lock.ts';
import { runProgram } from './run-program.ts';

export interface RedisBinary {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

const PROGRAMS = ['redis-server', 'valkey-server'] as const;

/**
 * The server on PATH, else the one fetched before into `toolsDir`, else one fetched now. Two processes may ask at once.
 * @throws AppError UNAVAILABLE saying how to get one.
 */
export async function findRedis(toolsDir: string, log: Log): Promise<RedisBinary> {
  const found = (await onPath()) ?? (await unpacked(toolsDir));
  if (found !== undefined) return found;
  const lock = await waitForLock(join(toolsDir, 'redis.lock'));
  try {
    return (await unpacked(toolsDir)) ?? (await fetchRedis(toolsDir, log));
  } finally {
    lock.release();
  }
}

async function onPath(): Promise<RedisBinary | undefined> {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/local/bin',
    '/opt/homebrew/bin',
  ].filter((folder) => folder !== '');
  for (const program of PROGRAMS)
    for (const folder of folders) {
      const binary = { path: join(folder, program), env: baseEnv() };
      if (isExecutable(binary.path) && (await runs(binary))) return binary;
    }
  return undefined;
}

async function unpacked(toolsDir: string): Promise<RedisBinary | undefined> {
  const root = join(toolsDir, 'redis');
  const path = join(root, 'usr/bin/redis-server');
  if (!isExecutable(path)) return undefined;
  const binary = { path, env: { ...baseEnv(), LD_LIBRARY_PATH: libraryFolders(root).join(':') } };
  return (await runs(binary)) ? binary : undefined;
}

async function fetchRedis(toolsDir: string, log: Log): Promise<RedisBinary> {
  if (hasProgram('apt-get') && hasProgram('dpkg-deb')) return unpackDebianPackages(toolsDir, log);
  if (hasProgram('brew')) return installWithBrew(log);
  throw new AppError(
    'UNAVAILABLE',
    'There is no redis-server on PATH, and neither apt-get nor brew to get one. ' +
      'Install Redis (6.2 or later) or Valkey with your system’s package manager, or set REDIS_URL.',
  );
}

async function unpackDebianPackages(toolsDir: string, log: Log): Promise<RedisBinary> {
  log.info(
    'No redis-server on PATH: fetching the one of this system’s package archive (once; nothing is installed)',
  );
  const root = join(toolsDir, 'redis');
  try {
    // The program itself is in the one or the other, by release.
    await unpackPackages(['redis-server', 'redis-tools'], root, join(toolsDir, 'redis.fetching'));
  } catch (error) {
    throw new AppError(
      'UNAVAILABLE',
      `Redis could not be fetched. Install redis-server, or set REDIS_URL.\n${(error as Error).message}`,
      {},
      { cause: error },
    );
  }
  const binary = await unpacked(toolsDir);
  if (binary !== undefined) return binary;
  throw new AppError(
    'UNAVAILABLE',
    `The redis-server in ${root} does not run here. Install redis-server, or set REDIS_URL.`,
  );
}

async function installWithBrew(log: Log): Promise<RedisBinary> {
  log.info('No redis-server on PATH: installing it with brew (once; this takes a while)');
  await runProgram(['brew', 'install', '--quiet', 'redis'], { env: process.env });
  const binary = await onPath();
  if (binary !== undefined) return binary;
  throw new AppError(
    'UNAVAILABLE',
    'brew installed redis, but there is no redis-server on PATH. Set REDIS_URL.',
  );
}

async function runs(binary: RedisBinary): Promise<boolean> {
  return runProgram([binary.path, '--version'], { env: binary.env }).then(
    () => true,
    () => false,
  );
}

function hasProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
