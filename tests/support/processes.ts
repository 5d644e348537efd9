// Real processes for tests, with what they print.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { waitFor } from './wait-for.ts';

export { waitFor } from './wait-for.ts';

export const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface SpawnOptions {
  /** On top of the environment of the tests. Undefined unsets a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

export interface TestProcess {
  readonly pid: number;
  /** All it has printed so far on both streams. */
  output(): string;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  kill(signal?: NodeJS.Signals): void;
  /** Waits until the output matches, and gives the match. Fails at once when the process ends without having said so. */
  says(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
}

/** Starts `sluice <args>` as it was built. The process is killed when the test ends, if it has not ended before. */
export function spawnSluice(args: readonly string[], options: SpawnOptions = {}): TestProcess {
  return spawnProcess([process.execPath, join(REPOSITORY, 'dist/cli/main.js'), ...args], options);
}

/** As `spawnSluice`, for any program. Outside a test (in `beforeAll`) the caller kills it. */
export function spawnProcess(command: readonly string[], options: SpawnOptions = {}): TestProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: options.cwd ?? REPOSITORY,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let ended = false;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.once('error', (error) => (output += error.message));
  // 'close' comes after the last output.
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      ended = true;
      resolve({ code, signal });
    });
  });
  killWhenTestEnds(() => child.kill('SIGKILL'));
  return {
    pid: child.pid ?? NaN,
    output: () => output,
    exited,
    kill: (signal = 'SIGTERM') => void child.kill(signal),
    says: async (pattern, timeoutMs) => {
      const match = await waitFor(() => pattern.exec(output) ?? (ended ? 'ended' : undefined), {
        what: `${command.join(' ')} to say ${pattern}`,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      }).catch((error: unknown) => {
        throw new Error(`${(error as Error).message} It said:\n${output}`);
      });
      if (typeof match === 'string')
        throw new Error(`${command.join(' ')} ended without saying ${pattern}. It said:\n${output}`);
      return match;
    },
  };
}

function killWhenTestEnds(kill: () => void): void {
  try {
    onTestFinished(kill);
  } catch {
    // Not inside a test.
  }
}
