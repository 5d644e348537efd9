// How an attempt may end, and what that means for its task.
import type { AttemptOutcome } from '../../core/tasks/attempt.ts';
import { backoffMs, DEFAULT_BACKOFF } from '../../core/tasks/backoff.ts';
import type { TaskDocument } from '../../core/tasks/task-document.ts';
import type { TaskError } from '../../core/tasks/task.ts';
import { stringifyExact } from '../../core/tasks/exact-json.ts';
import type { ClaimedTask } from '../../db/tasks/claims.ts';
import type { EndedAttempt } from '../../db/tasks/settle.ts';
import type { WaitsForSignal } from './attempt-abort.ts';

/** What is to be written of an attempt. */
export type Outcome =
  | { readonly kind: 'done'; readonly result: string }
  /** It is written already, together with what the task did in its transaction. */
  | { readonly kind: 'written' }
  | { readonly kind: 'ended'; readonly ended: EndedAttempt }
  /** Its time was over: there is nothing to write. */
  | { readonly kind: 'over' };

export interface Endings {
  /** It counts as an attempt; the task is tried again if there may be another. @param isFinal there may not, whatever is left @param atLeastMs how long it waits at least */
  readonly fail: (
    outcome: AttemptOutcome,
    error: TaskError,
    isFinal?: boolean,
    atLeastMs?: number,
  ) => Outcome;
  /** It counts as none, and the task is run again after so many milliseconds. */
  readonly postpone: (outcome: AttemptOutcome, againMs: number) => Outcome;
  /** It counts as none, and the task is run again when the signal has come, or its time is over. */
  readonly wait: (waits: WaitsForSignal) => Outcome;
  /** It was cut off. One that must not be run twice has failed. */
  readonly giveBack: (againMs: number) => Outcome;
}

/** A hundred years. */
const FOREVER_MS = 3_155_760_000_000;
const LONGEST_STACK = 8000;
const LONGEST_MESSAGE = 4000;

/** @param chance from 0 up to 1 */
export function endingsOf(document: TaskDocument, claimed: ClaimedTask, chance: () => number): Endings {
  const { id, start, attempt, options } = claimed;
  const ended = (rest: Omit<EndedAttempt, 'id' | 'start'>): Outcome => ({
    kind: 'ended',
    ended: { id, start, ...rest },
  });
  const endings: Endings = {
    fail(outcome, error, isFinal = false, atLeastMs = 0) {
      const isLast = isFinal || attempt >= (claimed.maxAttempts ?? document.maxAttempts);
      const backoff = { ...DEFAULT_BACKOFF, ...document.backoff, ...options?.backoff };
      const againMs = isLast ? null : Math.max(atLeastMs, backoffMs(backoff, attempt, chance()));
      return ended({ outcome, error, againMs, counts: true });
    },
    postpone: (outcome, againMs) => ended({ outcome, error: null, againMs, counts: false }),
    wait: ({ signalName, known, waitMs }) =>
      ended({
        outcome: 'snoozed',
        error: null,
        againMs: Math.max(1, waitMs ?? FOREVER_MS),
        counts: false,
        waits: { signal: signalName, signals: known },
      }),
    giveBack: (againMs) =>
      document.delivery === 'at-most-once'
        ? endings.fail(
            'given-back',
            { code: 'worker-lost', message: 'It was cut off, and must not be run twice.' },
            true,
          )
        : endings.postpone('given-back', againMs),
  };
  return endings;
}

/** What people are shown of what a task threw. */
export function describeError(error: unknown): TaskError {
  if (!(error instanceof Error))
    return { code: 'task-failed', message: clean(`It threw ${shown(error)}.`, LONGEST_MESSAGE) };
  return {
    code: 'task-failed',
    message: clean(error.message === '' ? error.name : error.message, LONGEST_MESSAGE),
    type: clean(error.name, LONGEST_MESSAGE),
    ...(error.stack === undefined ? {} : { stack: clean(error.stack, LONGEST_STACK) }),
  };
}

function shown(value: unknown): string {
  try {
    return stringifyExact(value);
  } catch {
    return String(value);
  }
}

/** Postgres keeps no NUL and no half of a pair of surrogates. */
export function clean(text: string, longest: number): string {
  const cut = text.length <= longest ? text : `${text.slice(0, longest)} … (cut)`;
  // UTF-8 has no half of a pair: it becomes U+FFFD.
  return Buffer.from(cut.replaceAll('\0', '\u{fffd}')).toString();
}
