import type { FastifyReply } from 'fastify';
import type { Database } from '../../db/client.ts';
import { findLastRuns } from '../../db/schedules/runs.ts';
import { exactJson } from './exact-answer.ts';
import { requireSchedule } from './require-schedule.ts';
import { toSchedule } from './schemas.ts';

/** The schedule as it is now. @param key id or name. @throws AppError NOT_FOUND */
export async function answer(reply: FastifyReply, db: Database, key: string): Promise<string> {
  const row = await requireSchedule(db, key);
  return exactJson(reply, toSchedule(row, (await findLastRuns(db, [row.id])).get(row.id)));
}
