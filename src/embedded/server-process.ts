// A server program as a child: started until it says it is ready, stopped step by step.
import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './log.ts';
import { startTimeOf, worksIn } from './process-identity.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What Postgres, Redis and the parts of `up` have in common. */
export interface RunningProcess {
  readonly pid: number;
  /** Fulfilled when the process has ended, whoever ended it. Never rejected. */
  readonly exited: Promise<Exit>;
  /** Stops it and waits for its end. May be called twice. */
  readonly stop: () => Promise<void>;
  /** Ends it without asking. */
  readonly kill: () => void;
}

/** A way to ask a process to end, and how long to wait before the next, harder one. */
export interface StopStep {
  readonly signal: NodeJS.Signals;
  readonly waitMs: number;
}

export interface ServerOptions {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Set when the server shall run as another user and no program in `command` does the switch. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly input?: string;
  readonly readyLine: RegExp;
  readonly readyTimeoutMs: number;
  readonly stopSteps: readonly StopStep[];
  readonly log: Log;
}

export type ServerStart =
  | { readonly ready: true; readonly server: RunningProcess }
  | { readonly ready: false; readonly output: string };

const KEPT_LINES = 30;

/** Starts the program and waits for its ready line; when it ends or is silent for too long instead, gives its last lines. */
export async function startServer(options: ServerOptions): Promise<ServerStart> {
  const [program = '', ...args] = options.command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own: Ctrl-C in a terminal reaches the supervisor only, which stops the parts in order.
    detached: true,
    ...(options.user === undefined ? {} : { uid: options.user.uid, gid: options.user.gid }),
  });
  const exited = exitOf(child);
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  const lines = watchLines(child, options.readyLine, options.log);

  const timeout = new AbortController();
  const outcome = await Promise.race([
    lines.ready.then(() => 'ready' as const),
    exited.then(() => 'ended' as const),
    delay(options.readyTimeoutMs, 'silent' as const, { signal: timeout.signal }),
  ]);
  timeout.abort();
  const server = runningChild(child, exited, options.stopSteps);
  if (outcome === 'ready') return { ready: true, server };
  await server.stop();
  // A grandchild may hold the pipes open for longer; its words are not worth waiting for.
  await endsWithin(lines.ended, 1000);
  return {
    ready: false,
    output:
      outcome === 'ended' ? lines.last() : `${lines.last()}\n(not ready after ${options.readyTimeoutMs} ms)`,
  };
}

/** The end of a child, also of one that could not be started at all. */
export function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
    child.once('error', () => {
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
}

export function runningChild(
  child: ChildProcess,
  exited: Promise<Exit>,
  stopSteps: readonly StopStep[],
): RunningProcess {
  return {
    pid: child.pid ?? NaN,
    exited,
    stop: () => stopChild(child, exited, stopSteps),
    kill: () => child.kill('SIGKILL'),
  };
}

/** Sends the signals one after another until the child has ended; the last resort is SIGKILL. */
async function stopChild(
  child: ChildProcess,
  exited: Promise<Exit>,
  steps: readonly StopStep[],
): Promise<void> {
  for (const step of [...steps, { signal: 'SIGKILL', waitMs: 10_000 } as const]) {
    child.kill(step.signal);
    if (await endsWithin(exited, step.waitMs)) return;
  }
}

async function endsWithin(ending: Promise<unknown>, waitMs: number): Promise<boolean> {
  const timeout = new AbortController();
  const ended = await Promise.race([
    ending.then(() => true),
    delay(waitMs, false, { signal: timeout.signal }).catch(() => false),
  ]);
  timeout.abort();
  return ended;
}

/**
 * Stops a server that a killed supervisor has left behind. Only ever called by the holder of the data directory's lock, so
 * whoever started it is gone.
 */
export async function stopOrphan(
  pid: number,
  directory: string,
  program: RegExp,
  steps: readonly StopStep[],
): Promise<void> {
  if (!worksIn(pid, directory, program)) return;
  const startTime = startTimeOf(pid);
  for (const step of [...steps, { signal: 'SIGKILL', waitMs: 10_000 } as const]) {
    try {
      process.kill(pid, step.signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw error;
    }
    for (const until = Date.now() + step.waitMs; Date.now() < until; await delay(20))
      if (startTimeOf(pid) !== startTime) return;
  }
}

/** Logs each line, keeps the last ones, and sees the ready line go by. */
function watchLines(child: ChildProcessWithoutNullStreams, readyLine: RegExp, log: Log) {
  const kept: string[] = [];
  let sawReady: () => void;
  const ready = new Promise<void>((resolve) => (sawReady = resolve));
  const keep = (line: string) => {
    log.debug(line);
    kept.push(line);
    if (kept.length > KEPT_LINES) kept.shift();
    if (readyLine.test(line)) sawReady();
  };
  child.once('error', (error) => {
    keep(error.message);
  });
  const ended = [child.stdout, child.stderr].map(async (stream) => {
    for await (const line of createInterface({ input: stream })) keep(line);
  });
  return { ready, ended: Promise.allSettled(ended), last: () => kept.join('\n') };
}
