// Limits by key: how many tasks of one name and key run at the same time, and how many begin in a time.
import { Type } from 'typebox';
import { duration } from './duration-schema.ts';

/** As Postgres keeps them with a task or its definition (sluice.release_held reads them). */
export interface KeyLimits {
  /** How many run at the same time. */
  readonly concurrency?: number;
  /** How many begin within any `perMs` milliseconds. */
  readonly rate?: { readonly limit: number; readonly perMs: number };
}

/** Starts are counted one by one. */
const MOST_IN_A_TIME = 10_000;
/** One day: starts are read from the tasks themselves. */
export const LONGEST_RATE_MS = 86_400_000;

const limit = (description: string, maximum: number) => Type.Integer({ minimum: 1, maximum, description });

/** The options of a task that say so. */
export const KEY_OPTIONS = {
  key: Type.Optional(
    Type.String({
      maxLength: 500,
      description:
        'Whose turn it is: tasks of one queue and priority begin key by key, so that nobody waits behind the many of another. Limits are counted by name and key.',
    }),
  ),
  concurrency: Type.Optional(
    Type.Object(
      { limit: limit('How many tasks of this name and key run at the same time.', 100_000) },
      { additionalProperties: false },
    ),
  ),
  rate: Type.Optional(
    Type.Object(
      {
        limit: limit('How many tasks of this name and key begin within `per`.', MOST_IN_A_TIME),
        per: duration('In any such time, a day at most.'),
      },
      { additionalProperties: false },
    ),
  ),
} as const;
