// A PgBouncer in transaction mode, as docs/postgres.md configures it.
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { launchAs, launchTied, namedUser, type Launcher } from '../../src/embedded/launcher.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { startServer } from '../../src/embedded/server-process.ts';
import { debianProgram, type Program } from './debian-program.ts';
import { REPOSITORY } from './processes.ts';

export interface TestPgbouncer {
  /** A URL of the server behind it, as it is through the pooler. */
  through(url: string): string;
  readonly stop: () => Promise<void>;
  /** Cut off, and up again at the same address. */
  restart(): Promise<void>;
}

/** @param folder of its own @param settings over those of the docs */
export async function startPgbouncer(
  serverUrl: string,
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestPgbouncer> {
  const server = new URL(serverUrl);
  const port = await freePort();
  const binary = await debianProgram('pgbouncer', 'usr/sbin/pgbouncer');
  mkdirSync(folder, { recursive: true });
  const files = { ini: join(folder, 'pgbouncer.ini'), users: join(folder, 'userlist.txt') };
  writeFileSync(files.users, `"${server.username}" "${server.password}"\n`);
  writeFileSync(
    files.ini,
    configuration(server, {
      listen_port: String(port),
      auth_file: files.users,
      unix_socket_dir: '',
      ...settings,
    }),
  );
  const launcher = await launcherFor(binary, folder, Object.values(files));
  const start = async () => {
    const started = await startServer({
      command: [...launcher.prefix, binary.path, files.ini],
      env: binary.env,
      cwd: '/',
      user: launcher.user,
      readyLine: /process up/,
      readyTimeoutMs: 20_000,
      // It waits for nobody.
      stopSteps: [{ signal: 'SIGTERM', waitMs: 5000 }],
      log: pino({ level: 'silent' }),
    });
    if (!started.ready) throw new Error(`PgBouncer did not start:\n${started.output}`);
    return started.server;
  };
  let process = await start();
  return {
    through: (url) => {
      const to = new URL(url);
      to.host = `127.0.0.1:${port}`;
      return to.href;
    },
    stop: () => process.stop(),
    restart: async () => {
      await process.stop();
      process = await start();
    },
  };
}

/** The example of the docs, before the server at hand. */
function configuration(server: URL, settings: Readonly<Record<string, string>>): string {
  const page = readFileSync(join(REPOSITORY, 'docs/postgres.md'), 'utf8');
  const example = /```ini\n([^]*?)```/.exec(page)![1]!;
  const overridden = new RegExp(`^(${Object.keys(settings).join('|')}) *=`);
  return [
    ...example
      .split('\n')
      .filter((line) => !overridden.test(line))
      .map((line) =>
        line.startsWith('sluice =') ? `* = host=${server.hostname} port=${server.port}` : line,
      ),
    ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
    '',
  ].join('\n');
}

/** PgBouncer refuses to run as root, as Postgres does. */
async function launcherFor(binary: Program, folder: string, files: readonly string[]): Promise<Launcher> {
  if (process.geteuid?.() !== 0) return launchTied('TERM');
  const user = namedUser('postgres') ?? namedUser('nobody');
  if (user === undefined) throw new Error('There is no user "postgres" or "nobody" to run PgBouncer as.');
  chmodSync(folder, 0o711);
  for (const file of files) {
    chmodSync(file, 0o600);
    chownSync(file, user.uid, user.gid);
  }
  const launcher = await launchAs(user, 'TERM', binary.path, folder, binary.env);
  if (launcher === undefined)
    throw new Error(`PgBouncer does not run as root, and user ${user.uid} cannot reach ${binary.path}.`);
  return launcher;
}
