import type { Logger } from '../logger.ts';

/** Says once that Postgres is away and once that it is back, however many jobs notice. */
export interface OutageLog {
  away(reason: string, job: string | undefined): void;
  back(): void;
}

export function createOutageLog(logger: Logger): OutageLog {
  let isAway = false;
  return {
    away(reason, job) {
      logger[isAway ? 'debug' : 'warn']({ reason, job }, 'Postgres is away; jobs wait until it is back');
      isAway = true;
    },
    back() {
      if (isAway) logger.info('Postgres is back');
      isAway = false;
    },
  };
}
