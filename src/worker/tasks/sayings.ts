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
    try {
      if (said.length > 0) await writeProgress(client, said);
      for (let at = 0; at < told.length; at += MOST_WRITTEN)
        await writeLogs(client, told.slice(at, at + MOST_WRITTEN));
    } catch (error) {
      // It is not worth the memory it would take until Postgres is back.
      logger[isUnavailable(error) ? 'debug' : 'warn']({ err: error }, 'what tasks say could not be written');
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
    progress: ({ id, start }, value) =>
      void progress.set(id, { id, start, progress: clean(stringifyExact(value), LONGEST_LINE) }),
    log(attempt, level, message) {
      const key = keyOf(attempt);
      const no = counts.get(key) ?? 0;
      counts.set(key, no + 1);
      if (no > mostLines) return;
      const text =
        no === mostLines ? 'There are more lines than are kept (SLUICE_MAX_TASK_LOG_LINES).' : message;
      const { id, start } = attempt;
      lines.push({ id, start, no, at: new Date(), level, message: clean(text, LONGEST_LINE) });
    },
    forget: (attempt) => void counts.delete(keyOf(attempt)),
    stop: async () => {
      stopped.abort();
      await writing;
      await write();
    },
  };
}
