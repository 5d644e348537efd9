// Runs until it is told to stop, and has stopped when its standard input has ended. With a word it ends itself, in that way.
import { once } from 'node:events';
import { createLogger } from '../dist/logger.js';
import { onStop } from '../dist/shutdown.js';

const ended = once(process.stdin.resume(), 'end');
const logger = createLogger({ logLevel: 'info', logFormat: 'json' }, 'test');
onStop({ logger, graceMs: 30_000 }, async () => {
  if (process.argv[2] === 'throw-later') fail();
  await ended;
  logger.info('closed');
});
logger.info('ready');
if (process.argv[2] === 'throw') fail();
if (process.argv[2] === 'reject') void Promise.reject(new RangeError('nobody catches this'));

function fail() {
  setTimeout(() => {
    throw new RangeError('nobody catches this');
  });
}
