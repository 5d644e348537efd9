// Raw BullMQ: a worker that adds two numbers and keeps the results in Redis.
import { Worker } from 'bullmq';

const url = new URL(process.env.REDIS_URL);
const worker = new Worker('add', async (job) => job.data.a + job.data.b, {
  connection: { host: url.hostname, port: Number(url.port), password: url.password || undefined },
  prefix: process.env.BENCH_PREFIX,
  concurrency: Number(process.env.BENCH_CONCURRENCY),
});
worker.on('error', (error) => console.error(error));
await worker.waitUntilReady();
console.log('ready');
process.on('SIGTERM', () => process.exit(0));
