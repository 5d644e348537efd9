// `ctx.cursor`: how far a long loop has come, written about once a second.
import { parseExact } from '../../core/tasks/exact-json.ts';
import type { AttemptKey } from '../../db/tasks/settle.ts';
import { findCursor, saveCursor } from '../../db/tasks/steps.ts';
import { NonRetryable, type TaskCursor } from '../../tasks/task-context.ts';
import { Cancelled } from './attempt-abort.ts';
import type { MemoryDeps } from './attempt-memory.ts';

export interface CursorDeps extends MemoryDeps {
  /** Does it again while Postgres is away. */
  readonly surely: <T>(work: () => Promise<T>) => Promise<T>;
  readonly toJson: (value: unknown, what: string) => string;
}

export interface AttemptCursor extends TaskCursor {
  /** Writes what is not written yet. It never rejects. */
  flush(): Promise<void>;
}

const WRITE_EVERY_MS = 1000;

/** @param isFirst none can have been kept before */
export function openCursor(deps: CursorDeps, attempt: AttemptKey, isFirst: boolean): AttemptCursor {
  const { client, transaction, surely, toJson } = deps;
  /** JSON that is not written yet, and what was last known of it. */
  let unwritten: string | undefined;
  let last: string | undefined;
  let writing: Promise<void> = Promise.resolve();
  let writtenAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;

  async function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const text = unwritten;
    if (text === undefined) return;
    unwritten = undefined;
    writtenAt = performance.now();
    if (!(await surely(() => saveCursor(client, attempt, text)))) throw new Cancelled();
  }

  /** One after the other, so that an older value never comes after a newer one. */
  function writeNext(): Promise<void> {
    return (writing = writing.catch(() => undefined).then(write));
  }

  return {
    async get<T>() {
      if (last === undefined && !isFirst) last = await surely(() => findCursor(client, attempt.id));
      return last === undefined ? undefined : (parseExact(last) as T);
    },
    async set(value) {
      if (transaction.hasBegun())
        throw new NonRetryable(
          'ctx.cursor.set would say that is done what ctx.db and ctx.enqueue have not committed yet. Use `await ctx.cursor.commit(value)`, which commits both.',
        );
      last = unwritten = toJson(value, 'The cursor');
      const waitMs = writtenAt + WRITE_EVERY_MS - performance.now();
      if (waitMs <= 0) return writeNext();
      timer ??= setTimeout(() => void writeNext().catch(() => undefined), waitMs).unref();
    },
    async commit(value) {
      unwritten = undefined;
      await writing.catch(() => undefined);
      last = toJson(value, 'The cursor');
      if (!transaction.hasBegun()) {
        unwritten = last;
        return writeNext();
      }
      if (!(await saveCursor(await transaction.client(), attempt, last))) throw new Cancelled();
      await transaction.commitSoFar();
    },
    flush: () => writeNext().catch(() => undefined),
  };
}
