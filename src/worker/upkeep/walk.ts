import { setTimeout as sleep } from 'node:timers/promises';
import type { Aged } from '../../db/tasks/prune.ts';

/** Between batches of removals, so that others get their turn. */
export const PAUSE_MS = 50;

/** Goes over pages of what has an age, oldest first, until no later one can be due. @yields of each page the ids of those that are due */
export async function* duePages(
  page: (after: string | undefined) => Promise<readonly Aged[]>,
): AsyncGenerator<string[]> {
  let after: string | undefined;
  for (;;) {
    const found = await page(after);
    const last = found.at(-1);
    if (last === undefined) return;
    const due = found.filter(({ isDue }) => isDue).map(({ id }) => id);
    yield due;
    if (due.length === 0 && last.isRecent) return;
    after = last.id;
  }
}

/** Does `some`, with pauses, until there is no more. */
export async function untilNone(some: () => Promise<boolean>): Promise<void> {
  while (await some()) await sleep(PAUSE_MS);
}
