import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { createLogger } from '../../src/logger.ts';
import { openRedis, type RedisClient } from '../../src/queue/connection.ts';
import { openQueues, type Queues } from '../../src/queue/queues.ts';
import { createRing, type DueTask } from '../../src/queue/ring.ts';
import { uniquePrefix } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';

const config = readConfig({ SLUICE_QUEUE_PREFIX: uniquePrefix(), SLUICE_LOG_LEVEL: 'silent' });
const logger = createLogger(config, 'api');
let redis: RedisClient;
let queues: Queues;

beforeAll(async () => {
  redis = openRedis({ ...config, redisUrl: inject('redisUrl') }, 'producer', logger);
  await waitFor(() => redis.status === 'ready', { what: 'Redis' });
  queues = openQueues(redis, config, logger);
});
afterAll(async () => {
  await queues.close();
  redis.disconnect();
});

const tasks = (queue: string, count: number): DueTask[] =>
  Array.from({ length: count }, (_, at) => ({ id: `${queue}-${at}`, name: 'add', queue }));
const waiting = (queue: string) => queues.of(queue).getJobCountByTypes('waiting');

it('rings for a task with its name and id', async () => {
  const ring = createRing(queues, { mostBells: 300, logger });
  ring.ring(tasks('one', 1));
  const job = await waitFor(() => queues.of('one').getJob('one-0'), { what: 'the bell' });
  expect([job.name, job.data]).toEqual(['add', { taskId: 'one-0' }]);
  await ring.close();
});

it('rings a handful for many that come together', async () => {
  const ring = createRing(queues, { mostBells: 300, logger });
  ring.ring(tasks('many', 10_000));
  await waitFor(async () => (await waiting('many')) > 0, { what: 'bells' });
  await ring.close();
  expect(await waiting('many')).toBeLessThan(20);
});

it('rings no more while as many wait as may', async () => {
  const ring = createRing(queues, { mostBells: 10, logger });
  for (let round = 0; round < 5; round++) {
    ring.ring(tasks(`full`, 8).map((task) => ({ ...task, id: `${task.id}-${round}` })));
    await waitFor(async () => (await waiting('full')) >= Math.min(8 * (round + 1), 10), { what: 'bells' });
  }
  await ring.close();
  expect(await waiting('full')).toBe(10);
});

it('leaves little in Redis of bells that were heard', async () => {
  const ring = createRing(queues, { mostBells: 300, logger });
  const connection = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
  const worker = new Worker('heard', async () => 'ended', { connection, prefix: config.queuePrefix });
  ring.ring(tasks('heard', 1));
  const job = await waitFor(() => queues.of('heard').getJob('heard-0'), { what: 'the bell' });
  expect(job.opts).toMatchObject({
    removeOnComplete: { age: 3600, count: 1000 },
    removeOnFail: { age: 3600 },
  });
  await worker.close();
  connection.disconnect();
  await ring.close();
});

it('does nothing while Redis is away', async () => {
  const away = openRedis({ ...config, redisUrl: 'redis://127.0.0.1:1' }, 'producer', logger);
  const none = openQueues(away, config, logger);
  const ring = createRing(none, { mostBells: 300, logger });
  ring.ring(tasks('away', 1));
  await ring.close();
  await none.close();
  away.disconnect();
});
