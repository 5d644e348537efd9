// Packages of Debian and its kin, unpacked into a folder of ours: nothing is installed, no service starts, and no root is needed.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';

/**
 * Fetches packages and unpacks them into `root`, which is there whole or not at all.
 * @param work a folder for this call alone, which is removed
 * @throws Error with what apt-get or dpkg-deb said
 */
export async function unpackPackages(packages: readonly string[], root: string, work: string): Promise<void> {
  rmSync(work, { recursive: true, force: true });
  try {
    const archives = await downloadArchives(packages, work);
    const draft = join(work, 'root');
    for (const archive of archives) await runProgram(['dpkg-deb', '-x', archive, draft]);
    rmSync(root, { recursive: true, force: true });
    renameSync(draft, root);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The packages, and those that they need and the system lacks, as files. The system's package lists may be missing or old. */
async function downloadArchives(packages: readonly string[], work: string): Promise<string[]> {
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
    ...packages,
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

/** Packages put libraries into usr/lib or, by architecture, into a folder below it. */
export function libraryFolders(root: string): string[] {
  const folders = ['usr/lib', 'lib'].map((name) => join(root, name)).filter((folder) => existsSync(folder));
  const below = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  return [...folders, ...below].filter(
    (folder) => statSync(folder).isDirectory() && readdirSync(folder).some((name) => name.includes('.so')),
  );
}

export function baseEnv(): NodeJS.ProcessEnv {
  const { PATH, HOME, http_proxy, https_proxy, no_proxy } = process.env;
  return { PATH, HOME, http_proxy, https_proxy, no_proxy, LC_ALL: 'C' };
}
