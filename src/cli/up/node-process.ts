// The parts of Sluice that are Node processes: each is this same program with another command.
import { spawn, type ChildProcess } from 'node:child_process';
import { AppError } from '../../errors.ts';
import { exitOf, runningChild, type RunningProcess } from '../../embedded/server-process.ts';
import { describeExit } from './restarts.ts';

export interface Program {
  /** The `sluice` command as a file. */
  readonly main: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs a command to its end. @throws AppError with what it printed, when it fails. */
export async function runCommand(
  program: Program,
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(process.execPath, [program.main, ...args], {
    env: program.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => child.kill();
  signal.addEventListener('abort', stop);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const exit = await exitOf(child);
  signal.removeEventListener('abort', stop);
  if (exit.code === 0) return;
  throw new AppError(
    'UNAVAILABLE',
    `sluice ${args.join(' ')} failed (${describeExit(exit)}):\n${output.trim()}`,
  );
}

/** Starts a command that runs on. Its output goes where ours goes. */
export function startCommand(program: Program, args: readonly string[], graceMs: number): RunningProcess {
  const child: ChildProcess = spawn(process.execPath, [program.main, ...args], {
    env: program.env,
    // The channel is not spoken through: its end tells the child that we are gone.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // A process group of its own: Ctrl-C in a terminal reaches us only, and we stop the parts in order.
    detached: true,
  });
  return runningChild(child, exitOf(child), [{ signal: 'SIGTERM', waitMs: graceMs }]);
}
