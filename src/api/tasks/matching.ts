// Which tasks a request for many would touch. It says how many it expects, so that a filter that is wider than meant touches none.
import type pg from 'pg';
import { counted } from '../../core/counted.ts';
import { listTaskIds, type TaskFilter } from '../../db/tasks/list-tasks.ts';
import { AppError } from '../../errors.ts';

/** In one request. */
export const MOST_AT_ONCE = 100_000;
const PAGE = 5000;
const SCAN = 50_000;
/** Longer nobody waits for an answer. */
const LONGEST_MS = 20_000;

export interface Matching {
  /** Oldest first. */
  readonly ids: readonly string[];
  /** There are more than may be touched at once. */
  readonly more: boolean;
}

/**
 * @param touchable gives those of a page that can be touched
 * @throws AppError INVALID_REQUEST for a filter that would have to look through too many tasks
 */
export async function findMatching(
  pool: pg.Pool,
  filter: TaskFilter,
  touchable: (ids: readonly string[]) => Promise<readonly string[]> = async (ids) => ids,
): Promise<Matching> {
  const until = performance.now() + LONGEST_MS;
  const ids: string[] = [];
  let before: string | null | undefined;
  while (before !== null && ids.length <= MOST_AT_ONCE) {
    const page = await listTaskIds(pool, filter, { limit: PAGE, before, scan: SCAN });
    const found = page.ids.length === 0 ? [] : await touchable(page.ids);
    ids.push(...found.toSorted().toReversed());
    before = page.next;
    if (before !== null && performance.now() > until)
      throw new AppError(
        'INVALID_REQUEST',
        'The filter has to look through too many tasks. Say more of the name, the status or the time.',
      );
  }
  return { ids: ids.slice(0, MOST_AT_ONCE).toReversed(), more: ids.length > MOST_AT_ONCE };
}

/** @throws AppError CONFLICT that says how many there are */
export function requireExpected({ ids, more }: Matching, expected: number | undefined, verb: string): void {
  if (ids.length === expected) return;
  const most = more ? ` (more match, and ${MOST_AT_ONCE} are the most in one request)` : '';
  throw new AppError(
    'CONFLICT',
    `The request would ${verb} ${counted(ids.length, 'task')}${expected === undefined ? '' : `, not ${expected}`}${most}. Nothing was done. If that is meant, send it with expect=${ids.length}.`,
    { matching: ids.length },
  );
}
