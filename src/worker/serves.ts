import type { Config } from '../config/config.ts';

/** Whether a worker takes work from a queue. */
export function serves({ queues }: Pick<Config, 'queues'>, queue: string): boolean {
  return queues === undefined || queues.includes(queue);
}
