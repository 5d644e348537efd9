// Whether the parts that Sluice stands on answer.
import { sql } from 'drizzle-orm';
import type { ApiDeps } from '../deps.ts';

const CHECK_TIMEOUT_MS = 1000;

export type PartName = 'postgres' | 'redis' | 'storage';

/** Asks all at once. @returns for each `ok`, or what is wrong, without addresses or passwords */
export async function checkParts(deps: ApiDeps): Promise<Record<PartName, string>> {
  const [postgres, redis, storage] = await Promise.all([
    stateOf(() => deps.database.db.execute(sql`SELECT 1`)),
    stateOf(() => deps.redis.ping()),
    stateOf(() => deps.storage.check()),
  ]);
  return { postgres, redis, storage };
}

async function stateOf(ask: () => Promise<unknown>): Promise<string> {
  try {
    await withTimeout(ask(), CHECK_TIMEOUT_MS);
    return 'ok';
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
