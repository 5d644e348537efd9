#!/usr/bin/env node
// The `sluice` command. Each command puts its parts together and runs them; nothing runs on import but this file.
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { requireConnections, requireDatabase } from '../config/config.ts';
import { openDatabase } from '../db/client.ts';
import { migrate } from '../db/migrate.ts';
import { AppError } from '../errors.ts';
import { createLogger } from '../logger.ts';
import { applyDatasets, planDatasets } from './apply-datasets.ts';
import { openClient } from './client.ts';
import { checkDatasets, sayProblem } from './datasets.ts';
import { addFileOptions, oneOf, type FileOptions } from './file-options.ts';
import { commitImport, importFile, retryImport, type ImportFileOptions } from './import-file.ts';
import { addKeysCommands } from './keys.ts';
import { undoImport } from './undo-import.ts';
import { readSettings, readSettingsBesideUp } from './read-settings.ts';

/** What these fail with is the API's own words. */
const CLIENT_COMMANDS = ['import', 'commit', 'undo', 'retry'];

const program = new Command('sluice')
  .description(
    'CSV files in over HTTP, landed in Postgres: checked row by row, exactly once, as fast as COPY.',
  )
  .showHelpAfterError();

program
  .command('up')
  .description(
    'run all of Sluice on this machine: Postgres, Redis, API, worker (DATABASE_URL and REDIS_URL replace the first two)',
  )
  .action(async () => {
    const { up } = await import('./up.ts');
    process.exitCode = await up(readSettings());
  });

program
  .command('api')
  .description('run the API')
  .option('--log-level <level>', 'as SLUICE_LOG_LEVEL')
  .action(async (options: { logLevel?: string }) => {
    const settings = readSettingsBesideUp({ SLUICE_LOG_LEVEL: options.logLevel });
    requireConnections(settings);
    const { runApi } = await import('../api/main.ts');
    await runApi(settings);
  });

program
  .command('worker')
  .description('run a worker')
  .option('-c, --concurrency <slots>', 'slots (threads) that work at once, as SLUICE_CONCURRENCY')
  .option('-q, --queues <names>', 'queues to take work from, with commas, as SLUICE_QUEUES')
  .option('--log-level <level>', 'as SLUICE_LOG_LEVEL')
  .action(async (options: { concurrency?: string; queues?: string; logLevel?: string }) => {
    const settings = readSettingsBesideUp({
      SLUICE_CONCURRENCY: options.concurrency,
      SLUICE_QUEUES: options.queues,
      SLUICE_LOG_LEVEL: options.logLevel,
    });
    requireConnections(settings);
    const { runWorker } = await import('../worker/main.ts');
    await runWorker(settings);
  });

program
  .command('migrate')
  .description('bring Sluice’s own tables up to date')
  .action(async () => {
    const settings = readSettingsBesideUp();
    requireDatabase(settings);
    await migrate(settings.databaseUrl);
    createLogger(settings, 'migrate').info('the tables of Sluice are up to date');
  });

const datasets = program.command('datasets').description('dataset documents');
datasets
  .command('check')
  .description('say everything that is wrong with the documents, without a database; exit 1 when anything is')
  .argument('[path]', 'a folder or a file; default: SLUICE_DATASETS_DIR')
  .action(async (path?: string) => {
    process.exitCode = await checkDatasets(path ?? readSettings().datasetsDir, process.stdout);
  });
datasets
  .command('apply')
  .description('check the documents in SLUICE_DATASETS_DIR, make or change their tables, and record them')
  .argument('[path]', 'another folder, or a file')
  .option('--plan', 'print the SQL that would be run, and change nothing')
  .action(async (path: string | undefined, options: { plan?: boolean }) => {
    const settings = readSettingsBesideUp({ SLUICE_DATASETS_DIR: path });
    requireDatabase(settings);
    const isDefault = (path ?? process.env['SLUICE_DATASETS_DIR'] ?? '') === '';
    const source = { path: settings.datasetsDir, isDefault };
    const logger = createLogger(settings, 'datasets');
    const database = openDatabase(settings.databaseUrl, { name: 'datasets', max: 1, logger });
    try {
      if (options.plan === true) await planDatasets(database, source, process.stdout);
      else await applyDatasets(database, source, settings.ddlLockMs, logger);
    } finally {
      await database.close();
    }
  });

addFileOptions(
  program
    .command('import')
    .description('send a file to the API (SLUICE_URL, SLUICE_API_KEY)')
    .argument('<file>')
    .requiredOption('-d, --dataset <name>', 'the dataset its records belong to')
    .option(
      '--mode <mode>',
      'insert (default), upsert: update the rows that have a key, or replace: put the file in the place of all rows',
      oneOf('insert', 'upsert', 'replace'),
    ),
).action(async (file: string, options: ImportFileOptions) => {
  process.exitCode = await importFile(
    await openClient(readSettingsBesideUp()),
    file,
    options,
    process.stdout,
  );
});

addFileOptions(
  program
    .command('retry')
    .description(
      'send the corrected reject file of an import; records that have landed are refused. Dataset and mode are the import’s',
    )
    .argument('<import>', 'the id of the import whose rejects were corrected')
    .argument('<file>', 'its rejects.csv, corrected, with the column _row'),
).action(async (importId: string, file: string, options: FileOptions) => {
  process.exitCode = await retryImport(
    await openClient(readSettingsBesideUp()),
    importId,
    file,
    options,
    process.stdout,
  );
});

program
  .command('commit')
  .description('load what a dry run has tried, or nothing when its tables have changed since')
  .argument('<import>', 'the id of the dry run')
  .option('-w, --watch', 'follow it to its end; exit 1 when it does not succeed')
  .action(async (importId: string, options: { watch?: boolean }) => {
    process.exitCode = await commitImport(
      await openClient(readSettingsBesideUp()),
      importId,
      options,
      process.stdout,
    );
  });

program
  .command('undo')
  .description('take the rows of an import back, but for those changed since or referenced elsewhere')
  .argument('<import>', 'its id')
  .option('-w, --watch', 'wait for its end and tell what was kept; exit 1 when it does not succeed')
  .action(async (importId: string, options: { watch?: boolean }) => {
    process.exitCode = await undoImport(
      await openClient(readSettingsBesideUp()),
      importId,
      options,
      process.stdout,
    );
  });

addKeysCommands(program);

try {
  // What stands in the environment already wins over the file.
  if (existsSync('.env')) process.loadEnvFile('.env');
  await program.parseAsync();
} catch (error) {
  // What is expected has a sentence for people; anything else keeps its stack.
  const expected = error instanceof AppError;
  process.stderr.write(
    `sluice: ${expected || CLIENT_COMMANDS.includes(process.argv[2] ?? '') ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`,
  );
  for (const item of expected ? (error.errors ?? []) : []) process.stderr.write(`  - ${sayProblem(item)}\n`);
  // A start that failed half-way has connections open that would keep the process.
  process.exit(1);
}
