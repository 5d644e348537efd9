import type { IntakeDeps } from './intake-deps.ts';

/** Redis answers within some milliseconds, or it is away. */
const PATIENCE_MS = 200;

/**
 * Tells the queue of a task that Postgres knows. Never throws, and never waits for long: a Redis that takes connections and answers
 * nothing must not hold up the answer. What is not told is found by the sweeper.
 */
export async function announceTask(
  { logger }: Pick<IntakeDeps, 'logger'>,
  taskId: string,
  dispatch: () => Promise<void>,
): Promise<void> {
  const told = dispatch().catch((error: unknown) =>
    logger.warn(
      { err: error, task: taskId },
      'the queue could not be told of a task; the sweeper will tell it',
    ),
  );
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)));
  await Promise.race([told, patience]);
  clearTimeout(timer);
}
