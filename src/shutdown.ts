import closeWithGrace from 'close-with-grace';
import type { Logger } from './logger.ts';

/** After these a process cannot go on: it would be at the same instruction for ever, and never end. Postgres and Redis take back what it was at. */
const CRASHES = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'] as const;

/**
 * Runs `close` once on SIGTERM, SIGINT, an uncaught error, or when the process that started this one is gone, then exits:
 * 0 after a signal, 1 after an error. A second signal, or `graceMs`, ends it at once, and so does a crash (SIGSEGV and the like).
 */
export function onStop(options: { logger: Logger; graceMs: number }, close: () => Promise<void>): void {
  const { logger } = options;
  const settings = {
    delay: options.graceMs,
    logger: false as const,
    skip: [...CRASHES],
    onSecondError: (err: unknown) =>
      logger.fatal({ err }, 'ended by an error that nobody expected, while stopping'),
    onSecondSignal: (signal: string) => logger.warn({ signal }, 'ended by a second signal, while stopping'),
    onTimeout: (graceMs: number) =>
      logger.error({ graceMs }, 'ended before it had stopped: its time for that is over'),
  };
  const stopper = closeWithGrace(settings, async ({ err, signal }) => {
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
