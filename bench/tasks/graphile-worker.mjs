// graphile-worker with what makes it fastest: a local queue, and completions in batches.
import { run } from 'graphile-worker';

const concurrency = Number(process.env.BENCH_CONCURRENCY);
const runner = await run({
  connectionString: process.env.DATABASE_URL,
  preset: {
    worker: {
      concurrentJobs: concurrency,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
  noHandleSignals: true,
  taskList: { add: async ({ a, b }) => void (a + b) },
});
console.log('ready');
process.on('SIGTERM', () => process.exit(0));
await runner.promise;
