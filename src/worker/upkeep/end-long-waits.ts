// Workers whose clocks differ do not keep work waiting.
import type { Config } from '../../config/config.ts';
import { ENGINE_QUEUES } from '../../core/tasks/queue-names.ts';
import { endLongWaits as endWaitsIn } from '../../queue/long-waits.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

export function endLongWaits(
  { queues, redis, logger }: Pick<UpkeepDeps, 'queues' | 'redis' | 'logger'>,
  { sweepIntervalMs }: Pick<Config, 'sweepIntervalMs'>,
): Duty {
  return {
    name: 'ending waits that another clock has made too long',
    everyMs: sweepIntervalMs,
    run: async () => {
      for (const queue of ENGINE_QUEUES) {
        const jobs = await endWaitsIn(redis, queues[queue], Date.now());
        if (jobs.length > 0)
          logger.warn(
            { queue, jobs },
            'Jobs were put off by a clock that differs from this worker’s; they are taken up now. Set the clocks of all workers, for instance by NTP',
          );
      }
    },
  };
}
