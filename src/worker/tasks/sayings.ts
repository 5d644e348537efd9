// What tasks say while they run (`ctx.progress`, `ctx.log`), written some times a second.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLevel } from '../../core/tasks/attempt.ts';
import { stringifyExact } from '../../core/tasks/exact-json.ts';
import type { Queryable } from '../../db/connection.ts';
import { isUnavailable } from '../../db/errors.ts';
import { writeLogs, writeProgress, type AttemptKey, type LogLine } from '../../db/tasks/settle.ts';
import type { Logger } from '../../logger.ts';
import { clean } from './attempt-endings.ts';

export interface Sayings {
  readonly progress: (attempt: AttemptKey, value: unknown) => void;
  readonly log: (attempt: AttemptKey, level: LogLevel, message: string) => void;
  /** The attempt has ended, and says no more. */
  forget(attempt: AttemptKey): void;
  /** Writes what is left. */
  stop(): Promise<void>;
}

const WRITE_MS = 300;
const MOST_WRITTEN = 1000;
const LONGEST_LINE = 4000;

/** @param mostLines of one attempt */
export function createSayings(client: Queryable, mostLines: number, logger: Logger): Sayings {
  let progress = new Map<string, AttemptKey & { readonly progress: string }>();
  let lines: LogLine[] = [];
  const counts = new Map<string, number>();
  const stopped = new AbortController();

  async function write(): Promise<void> {
    const [said, told] = [[...progress.values()], lines];
    progress = new Map();
    lines = [];
    for (const some of batches(said)) await writeSome(some, writeProgress);
    for (const some of batches(told)) await writeSome(some, writeLogs);
  }

  /** What Postgres refuses goes alone, and takes nothing with it. While Postgres is away, all is dropped: it is not worth the memory. */
  async function writeSome<T>(
    some: readonly T[],
    writeAll: (client: Queryable, some: readonly T[]) => Promise<void>,
  ): Promise<void> {
    try {
      await writeAll(client, some);
    } catch (error) {
      if (!isUnavailable(error) && some.length > 1) {
        for (const one of some) await writeSome([one], writeAll);
        return;
      }
      logger[isUnavailable(error) ? 'debug' : 'warn'](
        { err: error },
        'what a task says could not be written',
      );
    }
  }

  async function writeAgainAndAgain(): Promise<void> {
    while (!stopped.signal.aborted) {
      await sleep(WRITE_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      await write();
    }
  }
  const writing = writeAgainAndAgain();

  const keyOf = ({ id, start }: AttemptKey): string => `${id} ${start}`;
  return {
    progress({ id, start }, value) {
      const text = stringifyExact(value);
      if (text.length > LONGEST_LINE)
        return log(
          { id, start },
          'warn',
          `Its progress is not shown: it has more than ${LONGEST_LINE} characters.`,
        );
      progress.set(id, { id, start, progress: text });
    },
    log,
    forget: (attempt) => void counts.delete(keyOf(attempt)),
    stop: async () => {
      stopped.abort();
      await writing;
      await write();
    },
  };

  function log(attempt: AttemptKey, level: LogLevel, message: string): void {
    const key = keyOf(attempt);
    const no = counts.get(key) ?? 0;
    counts.set(key, no + 1);
    if (no > mostLines) return;
    const text =
      no === mostLines ? 'There are more lines than are kept (SLUICE_MAX_TASK_LOG_LINES).' : message;
    const { id, start } = attempt;
    lines.push({ id, start, no, at: new Date(), level, message: clean(text, LONGEST_LINE) });
  }
}

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += MOST_WRITTEN) yield items.slice(at, at + MOST_WRITTEN);
}
