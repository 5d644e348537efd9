import closeWithGrace from 'close-with-grace';
import type { Logger } from './logger.ts';

/**
 * Runs `close` once on SIGTERM, SIGINT, an uncaught error, or when the process that started this one is gone, then exits:
 * 0 after a signal, 1 after an error. A second signal, or `graceMs`, ends it at once.
 */
export function onStop(options: { logger: Logger; graceMs: number }, close: () => Promise<void>): void {
  const { logger } = options;
  const stopper = closeWithGrace({ delay: options.graceMs, logger: false }, async ({ err, signal }) => {
    if (err !== undefined) logger.fatal({ err }, 'stopping after an error that nobody expected');
    else logger.info({ signal }, 'stopping');
    await close();
    logger.info('stopped');
  });
  // Only a process that `sluice up` started has this channel; it breaks when `up` is gone.
  if (process.send === undefined) return;
  process.once('disconnect', () => stopper.close());
  // It may have broken while this process was still starting.
  if (!process.connected) stopper.close();
}
