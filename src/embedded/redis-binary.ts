// Finds a redis-server, or fetches one. On Debian and its kin the system's own packages are unpacked into a folder of ours:
// nothing is installed, no service starts, and no root is needed.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { AppError } from '../errors.ts';
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
  const work = join(toolsDir, 'redis.fetching');
  const root = join(toolsDir, 'redis');
  rmSync(work, { recursive: true, force: true });
  try {
    const archives = await downloadArchives(work);
    const draft = join(work, 'root');
    for (const archive of archives) await runProgram(['dpkg-deb', '-x', archive, draft]);
    rmSync(root, { recursive: true, force: true });
    renameSync(draft, root);
  } catch (error) {
    throw new AppError(
      'UNAVAILABLE',
      `Redis could not be fetched. Install redis-server, or set REDIS_URL.\n${(error as Error).message}`,
      {},
      { cause: error },
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const binary = await unpacked(toolsDir);
  if (binary !== undefined) return binary;
  throw new AppError(
    'UNAVAILABLE',
    `The redis-server in ${root} does not run here. Install redis-server, or set REDIS_URL.`,
  );
}

/** The packages that redis-server needs and the system lacks, as files. The system's package lists may be missing or old. */
async function downloadArchives(work: string): Promise<string[]> {
  const cache = join(work, 'archives');
  mkdirSync(join(cache, 'partial'), { recursive: true });
  const download = [
    `-oDir::Cache::Archives=${cache}`,
    // Nothing of the system changes, so its locks, which only root may take, are not needed.
    '-oDebug::NoLocking=true',
    'install',
    '--yes',
    '--no-install-recommends',
    '--download-only',
    '--reinstall',
    // The program itself is in the one or the other, by release.
    'redis-server',
    'redis-tools',
  ];
  try {
    await aptGet(download);
  } catch {
    const lists = join(work, 'lists');
    mkdirSync(join(lists, 'partial'), { recursive: true });
    const ownLists = [
      `-oDir::State::Lists=${lists}`,
      '-oDir::Cache::pkgcache=',
      '-oDir::Cache::srcpkgcache=',
    ];
    await aptGet([...ownLists, 'update']);
    await aptGet([...ownLists, ...download]);
  }
  return readdirSync(cache)
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(cache, name));
}

async function aptGet(args: readonly string[]): Promise<void> {
  const patience = ['-oAcquire::Retries=2', '-oAcquire::http::Timeout=30', '-oAcquire::https::Timeout=30'];
  await runProgram(['apt-get', '-q', ...patience, ...args], {
    env: { ...baseEnv(), DEBIAN_FRONTEND: 'noninteractive' },
  });
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

/** Packages put libraries into usr/lib or, by architecture, into a folder below it. */
function libraryFolders(root: string): string[] {
  const folders = ['usr/lib', 'lib'].map((name) => join(root, name)).filter((folder) => existsSync(folder));
  const below = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  return [...folders, ...below].filter(
    (folder) => statSync(folder).isDirectory() && readdirSync(folder).some((name) => name.includes('.so')),
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

function baseEnv(): NodeJS.ProcessEnv {
  const { PATH, HOME, http_proxy, https_proxy, no_proxy } = process.env;
  return { PATH, HOME, http_proxy, https_proxy, no_proxy, LC_ALL: 'C' };
}
