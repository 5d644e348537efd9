// How a server program is started so that it neither outlives a killed supervisor nor, for Postgres, runs as root.
// setpriv is part of util-linux, which every Debian has.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Words to put before a command, and, where they do not switch the user, whom to run it as. */
export interface Launcher {
  readonly prefix: readonly string[];
  readonly user?: User;
}

const PLAIN: Launcher = { prefix: [] };

/** Runs as the same user; the kernel sends `signal` when the process that started it is gone, however it ended. */
export async function launchTied(signal: 'INT' | 'TERM'): Promise<Launcher> {
  const tied: Launcher = { prefix: ['setpriv', '--pdeathsig', signal, '--'] };
  return (await succeeds(tied, ['true'])) ? tied : PLAIN;
}

/**
 * Runs as `user`, with the least that lets it run `program` and work in `directory`. A clone may lie below a folder that only
 * root may enter (/root, mktemp -d): then the process keeps one capability, to pass such folders.
 * Undefined when there is no way.
 */
export async function launchAs(
  user: User,
  signal: 'INT' | 'TERM',
  program: string,
  directory: string,
  env?: NodeJS.ProcessEnv,
): Promise<Launcher | undefined> {
  const switched = [
    'setpriv',
    '--pdeathsig',
    signal,
    '--reuid',
    String(user.uid),
    '--regid',
    String(user.gid),
    '--clear-groups',
  ];
  const candidates: Launcher[] = [
    { prefix: [...switched, '--'] },
    ...['dac_read_search', 'dac_override'].map((capability) => ({
      // no_setuid_fixup: without it access(2), by which Postgres finds its own files, looks away from capabilities.
      prefix: [
        ...switched,
        `--inh-caps=+${capability}`,
        `--ambient-caps=+${capability}`,
        '--securebits=+no_setuid_fixup',
        '--',
      ],
    })),
    { prefix: [], user },
  ];
  const probe = ['sh', '-c', 'test -x "$0" && "$0" --version && cd "$1"', program, directory];
  for (const candidate of candidates) if (await succeeds(candidate, probe, env)) return candidate;
  return undefined;
}

/** A user of this system, by name. */
export function namedUser(name: string): User | undefined {
  const account = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${name}:`));
  const [, , uid, gid] = account?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

async function succeeds(
  launcher: Launcher,
  command: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  const [program = '', ...args] = [...launcher.prefix, ...command];
  try {
    await run(program, args, { cwd: '/', env, ...launcher.user });
    return true;
  } catch {
    return false;
  }
}
