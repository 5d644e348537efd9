// Programs of Debian that tests run: the one on PATH, else fetched once into .sluice/tools, where nothing is installed or started.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { baseEnv, libraryFolders, unpackPackages } from '../../src/embedded/debian-packages.ts';
import { waitForLock } from '../../src/embedded/process-lock.ts';
import { REPOSITORY } from './processes.ts';

export interface Program {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

/** @param program its place in the package, such as `usr/bin/promtool` */
export async function debianProgram(packageName: string, program: string): Promise<Program> {
  const name = program.split('/').at(-1)!;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found !== undefined) return { path: found, env: baseEnv() };
  const tools = join(REPOSITORY, '.sluice', 'tools');
  const root = join(tools, packageName);
  const lock = await waitForLock(join(tools, `${packageName}.lock`));
  try {
    if (!existsSync(join(root, program)))
      await unpackPackages([packageName], root, join(tools, `${packageName}.fetching`));
  } finally {
    lock.release();
  }
  return {
    path: join(root, program),
    env: { ...baseEnv(), LD_LIBRARY_PATH: libraryFolders(root).join(':') },
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
