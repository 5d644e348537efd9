// How a task is defined: what people write, in src/tasks and in folders of their own (SLUICE_TASKS).
import { Compile, type Validator } from 'typebox/compile';
import type { Static, TObject, TSchema } from 'typebox';
import { DEFAULT_BACKOFF } from '../core/tasks/backoff.ts';
import { durationMs, type Duration } from '../core/tasks/duration.ts';
import { LONGEST_RATE_MS, type KeyLimits } from '../core/tasks/key-limits.ts';
import { DEFAULT_QUEUE, isTaskQueue } from '../core/tasks/queue-names.ts';
import type { Delivery, Run, TaskDocument } from '../core/tasks/task-document.ts';
import { decodeArgs } from './arg-types.ts';
import type { TaskContext } from './task-context.ts';

/** What is said of a task besides its code. Durations are milliseconds, or texts such as "30s", "15m", "1h". */
export interface TaskOptions<Args extends TObject, Result extends TSchema> {
  /** What it is asked for by: words of a-z, 0-9, with "-", "_" or "." between them. */
  readonly name: string;
  readonly description?: string;
  readonly args: Args;
  /** If it is given, a result that is not like it fails the task. */
  readonly result?: Result;
  /** Default: `default`. */
  readonly queue?: string;
  /** The lower, the sooner. Default: 0. */
  readonly priority?: number;
  /** `io`, the default: many share a thread, so it must not compute for long. `cpu`: a slot of its own, which a time limit or a cancel ends. */
  readonly run?: Exclude<Run, 'import'>;
  /** Default: `at-least-once`, which is tried again when its worker is lost. */
  readonly delivery?: Delivery;
  /** How often it is tried again when it has failed. Default: 3; 0 of `at-most-once`. */
  readonly retries?: number;
  /** Default: exponential from 1s up to 1h, with a jitter of 0.3. */
  readonly backoff?: {
    readonly type?: 'fixed' | 'exponential';
    readonly delay?: Duration;
    readonly max?: Duration;
    readonly jitter?: number;
  };
  /** An attempt that takes longer has failed. Default: none. */
  readonly timeLimit?: Duration;
  /** After this its signal is aborted; it may still end well. Default: none. */
  readonly softTimeLimit?: Duration;
  /** One that has not begun after this is cancelled. Default: never. */
  readonly expires?: Duration;
  /** Where the key of a task is in its arguments, such as `/customer` (RFC 6901, without `~`): tasks begin key by key, so that nobody waits behind the many of another. */
  readonly key?: string;
  /** How many of one key run at the same time; without a key, of all tasks of this name. */
  readonly concurrency?: { readonly limit: number };
  /** How many of one key begin within a time; without a key, of all tasks of this name. */
  readonly rate?: { readonly limit: number; readonly per: Duration };
}

export type TaskFunction<Args extends TObject, Result extends TSchema> = (
  args: Static<Args>,
  ctx: TaskContext,
) => Promise<Static<Result>> | Static<Result>;

/** A task that a worker can run. */
export interface Task {
  readonly document: TaskDocument;
  readonly run: (args: never, ctx: TaskContext) => unknown;
  /** What is wrong with arguments, as a sentence for each place; none: they are as described. */
  readonly argsErrors: (args: unknown) => readonly string[];
  readonly resultErrors: (result: unknown) => readonly string[];
  /** The arguments as the code takes them: with dates and big integers where the schema has them. */
  readonly decode: (args: unknown) => unknown;
}

const NAME = /^[a-z0-9]+(?:[-_.][a-z0-9]+)*$/;
const LONGEST_NAME = 100;
const DEFAULT_RETRIES = 3;

/** @throws TypeError that says which option is wrong */
export function defineTask<Args extends TObject, Result extends TSchema>(
  options: TaskOptions<Args, Result>,
  run: TaskFunction<Args, Result>,
): Task {
  const document = describe(options);
  const args = Compile(options.args);
  const result = options.result === undefined ? undefined : Compile(options.result);
  return {
    document,
    run,
    argsErrors: (value) => errorsOf(args, value),
    resultErrors: (value) => (result === undefined ? [] : errorsOf(result, value)),
    decode: decodeArgs(options.args),
  };
}

function errorsOf(validator: Validator, value: unknown): string[] {
  if (validator.Check(value)) return [];
  return validator.Errors(value).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
}

function describe<Args extends TObject, Result extends TSchema>(
  options: TaskOptions<Args, Result>,
): TaskDocument {
  const { name, description, args, result, queue = DEFAULT_QUEUE, priority = 0, run = 'io' } = options;
  const { delivery = 'at-least-once' } = options;
  const { retries = delivery === 'at-most-once' ? 0 : DEFAULT_RETRIES } = options;
  const wrong = (what: string): TypeError => new TypeError(`The task "${name}" ${what}.`);
  if (typeof name !== 'string' || !NAME.test(name) || name.length > LONGEST_NAME)
    throw wrong(`needs a name of up to ${LONGEST_NAME} of a-z and 0-9, with "-", "_" or "." between words`);
  if (!isTaskQueue(queue))
    throw wrong(
      `has the queue "${queue}": it must be up to 64 of a-z, 0-9, "_", "." and "-", and not "imports" or "chunks"`,
    );
  if (!Number.isInteger(retries) || retries < 0 || retries > 1000)
    throw wrong('has retries that are no whole number from 0 to 1000');
  if (options.key !== undefined && !/^(\/[^/~]+)+$/.test(options.key))
    throw wrong(
      `has the key "${options.key}": it must say where in the arguments it is, such as "/customer"`,
    );
  if (args === undefined) throw wrong('says nothing of its arguments: give `args: Type.Object({…})`');
  return {
    name,
    ...(description === undefined ? {} : { description }),
    args,
    ...(result === undefined ? {} : { result }),
    queue,
    priority,
    run,
    delivery,
    maxAttempts: retries + 1,
    backoff: {
      ...DEFAULT_BACKOFF,
      ...(options.backoff?.type === undefined ? {} : { type: options.backoff.type }),
      ...(options.backoff?.jitter === undefined ? {} : { jitter: options.backoff.jitter }),
      ...inMs('delayMs', options.backoff?.delay),
      ...inMs('maxMs', options.backoff?.max),
    },
    ...inMs('timeLimitMs', options.timeLimit),
    ...inMs('softTimeLimitMs', options.softTimeLimit),
    ...inMs('expiresMs', options.expires),
    ...(options.key === undefined ? {} : { key: options.key }),
    ...limitsOf(options, wrong),
  };
}

function limitsOf(
  { concurrency, rate }: Pick<TaskOptions<TObject, TSchema>, 'concurrency' | 'rate'>,
  wrong: (what: string) => TypeError,
): { readonly limits?: KeyLimits } {
  if (concurrency === undefined && rate === undefined) return {};
  if (
    [concurrency, rate].some(
      (each) => each !== undefined && !(Number.isInteger(each.limit) && each.limit > 0),
    )
  )
    throw wrong('has a limit that is no whole number from 1 on');
  const perMs = rate === undefined ? 1 : durationMs(rate.per);
  if (perMs < 1 || perMs > LONGEST_RATE_MS) throw wrong('has a rate whose time is not from 1ms to 1d');
  return {
    limits: {
      ...(concurrency === undefined ? {} : { concurrency: concurrency.limit }),
      ...(rate === undefined ? {} : { rate: { limit: rate.limit, perMs } }),
    },
  };
}

function inMs<Key extends string>(key: Key, duration: Duration | undefined): { [K in Key]?: number } {
  return (duration === undefined ? {} : { [key]: durationMs(duration) }) as { [K in Key]?: number };
}
