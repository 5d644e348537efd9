// Whether the parts that Sluice stands on answer, and are those this Sluice can work with.
import { readSchemaState } from '../../db/schema-version.ts';
import { askRedis } from '../../queue/connection.ts';
import type { ApiDeps } from '../deps.ts';

const CHECK_TIMEOUT_MS = 1000;

export type PartName = 'postgres' | 'redis' | 'storage';
export type Parts = Readonly<Record<PartName, string>>;

/** `degraded`: requests are answered and uploads taken, and what needs Redis waits for it. */
export type Readiness = 'ready' | 'degraded' | 'not ready';

/** Asks all at once. @returns for each `ok`, or what is wrong, without addresses or passwords */
export async function checkParts(deps: ApiDeps): Promise<Parts> {
  const [postgres, redis, storage] = await Promise.all([
    stateOf(async () => (await readSchemaState(deps.database.pool)).problem),
    stateOf(() => askRedis(deps.redis, deps.config).then(() => undefined)),
    stateOf(() => deps.storage.check().then(() => undefined)),
  ]);
  return { postgres, redis, storage };
}

export function readinessOf({ postgres, redis, storage }: Parts): Readiness {
  if (postgres !== 'ok' || storage !== 'ok') return 'not ready';
  return redis === 'ok' ? 'ready' : 'degraded';
}

/** @param ask gives what is wrong with a part that answers, if anything is */
async function stateOf(ask: () => Promise<string | undefined>): Promise<string> {
  try {
    return (await withTimeout(ask(), CHECK_TIMEOUT_MS)) ?? 'ok';
  } catch (error) {
    return error instanceof TimeoutError ? error.message : `does not answer (${shortReason(error)})`;
  }
}

class TimeoutError extends Error {}

/** Stops waiting after a while; the work itself goes on and its end is of no interest any more. */
export async function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A code such as ECONNREFUSED; messages may hold addresses. */
function shortReason(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = (at as NodeJS.ErrnoException).code;
    if (typeof code === 'string') return code;
  }
  return 'no connection';
}
