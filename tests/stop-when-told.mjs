// Stops when told to, once its standard input has ended.
import { once } from 'node:events';
import { createLogger } from '../dist/logger.js';
import { onStop } from '../dist/shutdown.js';

const logger = createLogger({ logLevel: 'info', logFormat: 'json' }, 'test');
onStop({ logger, graceMs: 30_000 }, async () => {
  await once(process.stdin.resume(), 'end');
  logger.info('closed');
});
logger.info('ready');
