import type { Logger } from '../logger.ts';

/** Says once that Postgres is away and once that it is back, however many jobs notice. */
export interface OutageLog {
  away(reason: string, job: string | undefined): void;
  /** @param sinceMs when the work began that has found it there: one that was begun before the outage may end after it was noticed */
  back(sinceMs: number): void;
  /** By the same clock. */
  now(): number;
}

/** @param now in milliseconds */
export function createOutageLog(logger: Logger, now: () => number): OutageLog {
  let awayAt: number | undefined;
  return {
    now,
    away(reason, job) {
      logger[awayAt === undefined ? 'warn' : 'debug'](
        { reason, job },
        'Postgres is away; jobs wait until it is back',
      );
      awayAt = now();
    },
    back(sinceMs) {
      if (awayAt === undefined || sinceMs < awayAt) return;
      logger.info('Postgres is back');
      awayAt = undefined;
    },
  };
}
