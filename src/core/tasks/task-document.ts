// What workers say of a task they know: all of its definition but the code, as JSON.
import type { TSchema } from 'typebox';
import type { AttemptOptions } from './attempt.ts';
import type { KeyLimits } from './key-limits.ts';

/** How a task is run. */
export const RUNS = ['io', 'cpu', 'import'] as const;
/** `io`: many share a thread. `cpu`: each has a slot. `import`: steps in slots, and parts that ring by themselves; for Sluice's own. */
export type Run = (typeof RUNS)[number];

/** `at-least-once`: an attempt that was cut off is made again. `at-most-once`: it is not. */
export const DELIVERIES = ['at-least-once', 'at-most-once'] as const;
export type Delivery = (typeof DELIVERIES)[number];

export interface TaskDocument extends AttemptOptions {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments. */
  readonly args: TSchema;
  /** JSON Schema of the result. */
  readonly result?: TSchema;
  readonly queue: string;
  readonly priority: number;
  readonly run: Run;
  readonly delivery: Delivery;
  /** How often it is tried before it has failed. */
  readonly maxAttempts: number;
  /** Where its key is in the arguments (RFC 6901), for tasks that are given none. */
  readonly key?: string;
  readonly limits?: KeyLimits;
  /** Milliseconds after which one that has not begun is cancelled. */
  readonly expiresMs?: number;
}
