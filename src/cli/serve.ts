// The commands that run Sluice or a part of it.
import type { Command } from 'commander';
import { requireConnections, requireDatabase, type Config } from '../config/config.ts';
import { readSettings, readSettingsBesideUp } from './read-settings.ts';

interface UpOptions {
  readonly workers?: string;
  readonly workersIdleMs?: string;
}

interface WorkerOptions {
  readonly concurrency?: string;
  readonly slots?: string;
  readonly queues?: string;
  readonly name?: string;
  readonly maxTasksPerSlot?: string;
  readonly maxMemoryPerSlot?: string;
  readonly logLevel?: string;
}

export function addServeCommands(program: Command): void {
  program
    .command('up')
    .description(
      'run all of Sluice on this machine: Postgres, Redis, API, worker (DATABASE_URL and REDIS_URL replace the first two)',
    )
    .option('--workers <when>', 'when there is a worker: always, or on-demand; as SLUICE_WORKERS')
    .option(
      '--workers-idle-ms <ms>',
      'how long there is nothing to do until the worker is stopped, as SLUICE_WORKERS_IDLE_MS',
    )
    .action(async (options: UpOptions) => {
      const settings = readSettings({
        SLUICE_WORKERS: options.workers,
        SLUICE_WORKERS_IDLE_MS: options.workersIdleMs,
      });
      const { up } = await import('./up/up.ts');
      process.exitCode = await up(settings);
    });

  program
    .command('api')
    .description('run the API')
    .option('--log-level <level>', 'as SLUICE_LOG_LEVEL')
    .action(async (options: { logLevel?: string }) => {
      const settings = readSettingsBesideUp({ SLUICE_LOG_LEVEL: options.logLevel });
      await requireParts(settings, 'api');
      const { runApi } = await import('../api/main.ts');
      await runApi(settings);
    });

  program
    .command('worker')
    .description('run a worker')
    .option('-c, --concurrency <tasks>', 'how many I/O tasks it runs at the same time, as SLUICE_CONCURRENCY')
    .option('--slots <slots>', 'how many slots (threads) work on chunks and CPU tasks, as SLUICE_SLOTS')
    .option('-Q, --queues <names>', 'queues to take work from, with commas, as SLUICE_QUEUES')
    .option('-n, --name <name>', 'what people call it, as SLUICE_WORKER_NAME')
    .option('--max-tasks-per-slot <tasks>', 'as SLUICE_MAX_TASKS_PER_SLOT')
    .option('--max-memory-per-slot <MB>', 'as SLUICE_MAX_MEMORY_PER_SLOT_MB')
    .option('-l, --log-level <level>', 'as SLUICE_LOG_LEVEL')
    .action(async (options: WorkerOptions) => {
      const settings = readSettingsBesideUp({
        SLUICE_CONCURRENCY: options.concurrency,
        SLUICE_SLOTS: options.slots,
        SLUICE_QUEUES: options.queues,
        SLUICE_WORKER_NAME: options.name,
        SLUICE_MAX_TASKS_PER_SLOT: options.maxTasksPerSlot,
        SLUICE_MAX_MEMORY_PER_SLOT_MB: options.maxMemoryPerSlot,
        SLUICE_LOG_LEVEL: options.logLevel,
      });
      await requireParts(settings, 'worker');
      const { runWorker } = await import('../worker/main.ts');
      await runWorker(settings);
    });

  program
    .command('migrate')
    .description('bring Sluice’s own tables up to date')
    .action(async () => {
      const settings = readSettingsBesideUp();
      requireDatabase(settings);
      const { checkPostgres } = await import('../db/check-postgres.ts');
      const { directAddress } = await import('../db/connection.ts');
      const { migrate } = await import('../db/migrate.ts');
      const { createLogger } = await import('../logger.ts');
      await checkPostgres(settings);
      await migrate(directAddress(settings).url);
      createLogger(settings, 'migrate').info('the tables of Sluice are up to date');
    });
}

/** What an API or a worker stands on, as far as no waiting would mend it. */
async function requireParts(settings: Config, part: string): Promise<void> {
  requireConnections(settings);
  const { checkReachable } = await import('./check-servers.ts');
  const { makeStorage } = await import('./folders.ts');
  const { createLogger } = await import('../logger.ts');
  makeStorage(settings);
  await checkReachable(settings, (message) => {
    createLogger(settings, part).warn(message);
  });
}
