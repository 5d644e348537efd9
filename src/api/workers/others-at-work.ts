// Nobody stops the workers that others use without knowing it.
import { listActiveUsers, type ActiveUser } from '../../db/access/api-keys.ts';
import type { Database } from '../../db/client.ts';
import { listOthersTasks, MOST_LOOKED_AT, type OthersTasks } from '../../db/workers/others-at-work.ts';
import { AppError } from '../../errors.ts';

/** Of users and of tasks that the answer names. */
const MOST_NAMED = 20;

/** @throws AppError WORKERS_IN_USE with who used the API lately, and what runs or waits that is not this user's */
export async function refuseWhileOthersWork(
  db: Database,
  userId: string,
  activeMinutes: number,
): Promise<void> {
  const [active, tasks] = await Promise.all([
    listActiveUsers(db, activeMinutes),
    listOthersTasks(db, userId, MOST_NAMED),
  ]);
  const users = active.filter(({ id }) => id !== userId);
  if (users.length === 0 && tasks.running + tasks.waiting === 0) return;
  const { running, waiting, some } = tasks;
  throw new AppError(
    'WORKERS_IN_USE',
    `Others are at work. ${[...saidOfUsers(users), ...saidOfTasks(tasks)].join(' ')} Ask them, or send {"force": true} to stop the workers all the same: what runs ends in time or goes back to its queue, and work waits until POST /v1/workers/start.`,
    { users: users.slice(0, MOST_NAMED), tasks: some, running, waiting },
  );
}

function saidOfUsers(users: readonly ActiveUser[]): string[] {
  if (users.length === 0) return [];
  const named = users
    .slice(0, MOST_NAMED)
    .map(({ name, lastUsedAt }) => `${name} (last request ${lastUsedAt})`);
  const more = users.length - named.length;
  return [`Using the API: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`];
}

function saidOfTasks({ running, waiting }: OthersTasks): string[] {
  if (running + waiting === 0) return [];
  return [`Tasks that are not yours: ${counted(running)} running, ${counted(waiting)} waiting.`];
}

function counted(tasks: number): string {
  return tasks >= MOST_LOOKED_AT ? `${MOST_LOOKED_AT} or more` : String(tasks);
}
