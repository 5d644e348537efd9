// Options of a task, checked where they come in: what the schema says of each, and what it cannot say.
import { Compile, type Validator } from 'typebox/compile';
import { IsDateTime } from 'typebox/format';
import { DURATION_PATTERN, durationMs } from './duration.ts';
import type { Fault } from './json-faults.ts';
import { isTaskQueue } from './queue-names.ts';
import { TaskOptionsSchema, type TaskOptions } from './task-options.ts';

const validator: Validator = Compile(TaskOptionsSchema);
const IS_DURATION = new RegExp(DURATION_PATTERN);
/** Longer waits are mistakes, and Postgres cannot count some of them. */
const LONGEST_MS = 100 * 365.25 * 86_400_000;

/** What a validator says of a value. */
export type SchemaFault = ReturnType<Validator['Errors']>[number];

/** @returns what the schema says against the options; a check of its own for a value that may be of two kinds */
export function optionSchemaFaults(options: unknown): SchemaFault[] {
  return validator.Check(options) ? [] : validator.Errors(options);
}

/** What is wrong with options that are as their schema says. */
export function optionFaults(options: TaskOptions, nowMs: number): Fault[] {
  return [...queueFaults(options), ...dueFaults(options, nowMs), ...expiresFaults(options, nowMs)];
}

/** Instants in the one form that Postgres reads as they are meant. Options without faults. */
export function normalOptions(options: TaskOptions): TaskOptions {
  const { eta, expires } = options;
  return {
    ...options,
    ...(eta === undefined ? {} : { eta: new Date(eta).toISOString() }),
    ...(isInstant(expires) ? { expires: new Date(expires).toISOString() } : {}),
  };
}

function queueFaults({ queue }: TaskOptions): Fault[] {
  if (queue === undefined || isTaskQueue(queue)) return [];
  return [{ at: '/queue', says: `must not be "${queue}", which is for the parts of imports` }];
}

function dueFaults({ delay, eta }: TaskOptions, nowMs: number): Fault[] {
  if (eta !== undefined && delay !== undefined)
    return [{ at: '/eta', says: 'must not be given together with delay' }];
  if (delay !== undefined && durationMs(delay) > LONGEST_MS)
    return [{ at: '/delay', says: 'must be 100 years or less' }];
  return eta === undefined ? [] : instantFaults('/eta', eta, nowMs);
}

function expiresFaults({ expires }: TaskOptions, nowMs: number): Fault[] {
  if (expires === undefined) return [];
  if (isInstant(expires)) return instantFaults('/expires', expires, nowMs);
  if (typeof expires === 'string' && !IS_DURATION.test(expires))
    return [
      {
        at: '/expires',
        says: 'must be a duration such as "30s" or "1h", or a time as in 2026-01-31T09:00:00Z (RFC 3339)',
      },
    ];
  return durationMs(expires) > LONGEST_MS ? [{ at: '/expires', says: 'must be 100 years or less' }] : [];
}

function isInstant(value: TaskOptions['expires']): value is string {
  return typeof value === 'string' && IsDateTime(value);
}

function instantFaults(at: string, text: string, nowMs: number): Fault[] {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return [{ at, says: 'must be a time that the calendar has' }];
  return Math.abs(ms - nowMs) > LONGEST_MS ? [{ at, says: 'must be within 100 years from now' }] : [];
}
