// What the history is asked for, from the query to what Postgres looks for.
import type { Static } from '@fastify/type-provider-typebox';
import { IsDate, IsDateTime } from 'typebox/format';
import { TASK_STATUSES, type TaskStatus } from '../../core/tasks/task-status.ts';
import type { ImportFilter } from '../../db/imports/import-views.ts';
import { writeInstant } from '../../db/instants.ts';
import { AppError } from '../../errors.ts';
import type { HistoryQuery } from './import-schema.ts';

type Filter = Omit<Static<typeof HistoryQuery>, 'limit' | 'cursor'>;

/** @throws AppError INVALID_REQUEST naming the parameter */
export function readFilter({ status, createdAfter, createdBefore, ...filter }: Filter): ImportFilter {
  return {
    ...filter,
    ...(status === undefined ? {} : { status: readStatuses(status) }),
    ...(createdAfter === undefined ? {} : { createdAfter: readInstant('createdAfter', createdAfter) }),
    ...(createdBefore === undefined ? {} : { createdBefore: readInstant('createdBefore', createdBefore) }),
  };
}

function readStatuses(said: string | readonly string[]): TaskStatus[] {
  return [said].flat().flatMap((text) => text.split(',').map(readStatus));
}

function readStatus(name: string): TaskStatus {
  const status = TASK_STATUSES.find((each) => each === name);
  if (status === undefined)
    throw new AppError(
      'INVALID_REQUEST',
      `There is no status "${name}". Statuses are ${TASK_STATUSES.join(', ')}.`,
      { parameter: 'status' },
    );
  return status;
}

/** A date alone is the start of that day in UTC. RFC 3339 allows what Postgres does not: the year 0, offsets of 16 hours and more. */
function readInstant(parameter: string, text: string): string {
  const instant = new Date(IsDate(text) ? `${text}T00:00:00Z` : IsDateTime(text) ? text : Number.NaN);
  if (!(instant.getUTCFullYear() >= 1))
    throw new AppError(
      'INVALID_REQUEST',
      `${parameter} must be a date as in 2026-01-31, or a time as in 2026-01-31T09:00:00Z (RFC 3339); "${text.slice(0, 40)}" is neither.`,
      { parameter },
    );
  return writeInstant(instant);
}
