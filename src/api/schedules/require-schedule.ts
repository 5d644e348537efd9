import { Type } from '@fastify/type-provider-typebox';
import { isUuid } from '../../core/uuid.ts';
import type { Database } from '../../db/client.ts';
import { findSchedule, type ScheduleRow } from '../../db/schedules/schedules.ts';
import { AppError } from '../../errors.ts';
import { Label } from '../http/schemas.ts';

export const KeyParams = Type.Object({ id: Label('Its id, or its name.') });

/** @param key id or name. @throws AppError NOT_FOUND */
export async function requireSchedule(db: Database, key: string): Promise<ScheduleRow> {
  const row = await findSchedule(db, key);
  if (row === undefined) throw scheduleNotFound(key);
  return row;
}

export function scheduleNotFound(key: string): AppError {
  return new AppError('NOT_FOUND', `There is no schedule ${isUuid(key) ? key : `"${key}"`}.`);
}
