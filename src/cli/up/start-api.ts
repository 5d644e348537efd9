import { setTimeout as delay } from 'node:timers/promises';
import { isPortFree } from '../../embedded/ports.ts';
import type { RunningProcess } from '../../embedded/server-process.ts';
import { AppError } from '../../errors.ts';
import { startCommand, type Program } from './node-process.ts';
import type { PortChoice } from './port-choice.ts';
import { describeExit } from './restarts.ts';

export interface ApiOptions {
  readonly program: Program;
  readonly host: string;
  readonly ports: PortChoice;
  readonly adminKey: string;
  readonly graceMs: number;
  readonly signal: AbortSignal;
}

const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 25;
/** An API that has found its port in use has ended by then. */
const STRANGER_MS = 5000;
const REQUEST_TIMEOUT_MS = 5000;

/** Starts the API and waits until it is ready. When another process was quicker to take the port, tries the next one. */
export async function startApi(options: ApiOptions): Promise<RunningProcess & { readonly url: string }> {
  const { program, host, ports, graceMs } = options;
  for (;;) {
    const port = await ports.next();
    const url = `http://${urlHost(host)}:${port}`;
    const api = startCommand({ ...program, env: { ...program.env, PORT: String(port) } }, ['api'], graceMs);
    const failure = await untilReady(api, url, options);
    if (failure === undefined) {
      ports.keep(port);
      return { ...api, url };
    }
    await api.stop();
    const portTaken = !(await isPortFree(port, host));
    if (portTaken && ports.isOpen()) continue;
    throw new AppError(
      'UNAVAILABLE',
      portTaken ? `The API found port ${port} in use.` : `The API ${failure}.`,
    );
  }
}

/** Undefined when it is ready, else what it did instead. */
async function untilReady(
  api: RunningProcess,
  url: string,
  options: ApiOptions,
): Promise<string | undefined> {
  const until = Date.now() + READY_TIMEOUT_MS;
  let last: number | undefined;
  let strangerSince: number | undefined;
  while (Date.now() < until) {
    const exit = await Promise.race([api.exited, delay(POLL_MS)]);
    if (exit !== undefined) return `ended before it was ready (${describeExit(exit)})`;
    if (options.signal.aborted) return 'was stopped before it was ready';
    last = await statusOf(`${url}/readyz`);
    if (last !== 200) continue;
    // Another Sluice may have taken the port a moment before ours tried to: that one does not know our key, and ours ends.
    last = await statusOf(`${url}/v1/me`, options.adminKey);
    if (last === 200) return undefined;
    if (last !== 401) continue;
    // Ours does not know it either when an admin has revoked it; its log says so.
    strangerSince ??= Date.now();
    if (Date.now() - strangerSince > STRANGER_MS) return undefined;
  }
  return `was not ready after ${READY_TIMEOUT_MS / 1000} s (${last === undefined ? 'no answer' : `status ${last}`})`;
}

async function statusOf(url: string, key?: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      headers: { connection: 'close', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}

/** The host as a client on this machine writes it. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
