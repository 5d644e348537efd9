import { spawn } from 'node:child_process';
import { AppError } from '../errors.ts';
import type { Launcher } from './launcher.ts';
import { exitOf } from './server-process.ts';

export interface RunOptions {
  readonly launcher?: Launcher;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 300_000;

/** Runs a program to its end. @throws AppError UNAVAILABLE with what it printed, when it fails. */
export async function runProgram(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const { launcher } = options;
  const [program = '', ...args] = [...(launcher?.prefix ?? []), ...command];
  const child = spawn(program, args, {
    cwd: options.cwd ?? '/',
    env: options.env ?? { PATH: process.env['PATH'], LC_ALL: 'C' },
    timeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    ...launcher?.user,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.once('error', (error) => (output += error.message));
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  const closed = new Promise((resolve) => child.once('close', resolve));
  const exit = await exitOf(child);
  await closed;
  if (exit.code === 0) return output;
  throw new AppError(
    'UNAVAILABLE',
    `${command[0]} failed (${exit.signal ?? `exit code ${exit.code}`}):\n${output.trim()}`,
  );
}
