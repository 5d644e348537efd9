import type { AttemptOutcome } from './attempt.ts';

const UNFINISHED: Readonly<Record<AttemptOutcome, true>> = {
  failed: true,
  'timed-out': true,
  lost: true,
  'given-back': true,
  snoozed: true,
};

/** All ends of an attempt, of those that end the task too. */
export const ATTEMPT_OUTCOMES = [
  'succeeded',
  ...(Object.keys(UNFINISHED) as AttemptOutcome[]),
  'cancelled',
] as const;
