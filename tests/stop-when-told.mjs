// Runs until it is told to stop, and has stopped when its standard input has ended.
import { once } from 'node:events';
import { createLogger } from '../dist/logger.js';
import { onStop } from '../dist/shutdown.js';

const ended = once(process.stdin.resume(), 'end');
const logger = createLogger({ logLevel: 'info', logFormat: 'json' }, 'test');
onStop({ logger, graceMs: 30_000 }, async () => {
  await ended;
  logger.info('closed');
});
logger.info('ready');
