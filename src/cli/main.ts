#!/usr/bin/env node
// The `sluice` command. Each command puts its parts together and runs them; nothing runs on import but this file.
import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { requireConnections, requireDatabase } from '../config.ts';
import { openDatabase } from '../db/client.ts';
import { migrate } from '../db/migrate.ts';
import { AppError } from '../errors.ts';
import { createLogger } from '../logger.ts';
import { applyDatasets } from './apply-datasets.ts';
import { openClient } from './client.ts';
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
  .command('apply')
  .description('check the documents in SLUICE_DATASETS_DIR, make or change their tables, and record them')
  .argument('[folder]', 'another folder')
  .action(async (folder?: string) => {
    const settings = readSettingsBesideUp({ SLUICE_DATASETS_DIR: folder });
    requireDatabase(settings);
    const logger = createLogger(settings, 'datasets');
    const database = openDatabase(settings.databaseUrl, { name: 'datasets', max: 1, logger });
    try {
      await applyDatasets(database, settings.datasetsDir, logger);
    } finally {
      await database.close();
    }
  });

program
  .command('import')
  .description('send a file to the API (SLUICE_URL, SLUICE_API_KEY)')
  .argument('<file>')
  .requiredOption('-d, --dataset <name>', 'the dataset its records belong to')
  .option('--delimiter <character>', 'how cells are separated: , ; | tab space … (default: detected)')
  .option('--quote <character>', 'what may stand around a cell: " or \' or none (default: detected)')
  .option('--escape <character>', 'a quote in a quoted cell: doubled or backslash (default: detected)')
  .option('--comment <character>', 'lines that begin with it are passed over (default: none)')
  .option('--no-header', 'the file has no header: its columns are the fields of the dataset in order')
  .option('--skip-lines <n>', 'pass over so many lines above the header')
  .option(
    '--encoding <label>',
    'the encoding of the file, such as shift_jis or utf-16le (default: by BOM, else UTF-8)',
  )
  .option(
    '--unknown-columns <what>',
    'refuse or ignore columns the dataset does not know',
    oneOf('refuse', 'ignore'),
  )
  .option(
    '--date-order <order>',
    'how dates are written that do not begin with the year (default: as the file proves)',
    oneOf('ymd', 'dmy', 'mdy'),
  )
  .option('--decimal-char <character>', 'of numbers whose field does not say it', oneOf('.', ','))
  .option('--group-char <character>', 'between groups of digits in such numbers, or: space (default: none)')
  .option(
    '--mapping <json>',
    'which column feeds which field, such as {"Tel":"phone_no","#3":"name","Memo":null}; or: saved',
  )
  .option(
    '--if-duplicate <what>',
    'allow (default) or refuse a file that was sent to the dataset before',
    oneOf('allow', 'refuse'),
  )
  .option(
    '--mode <mode>',
    'insert (default), upsert: update the rows that have a key, or replace: put the file in the place of all rows',
    oneOf('insert', 'upsert', 'replace'),
  )
  .option(
    '--on-error <what>',
    'reject (default) bad records and land the others, or abort: all or nothing',
    oneOf('reject', 'abort'),
  )
  .option('--max-errors <n>', 'fail when more records are rejected: a number, or a percentage such as 2.5%')
  .option('--dry-run', 'find out what the import would do, and write nothing')
  .option('-w, --watch', 'follow it to its end; exit 1 when it does not succeed')
  .action(async (file: string, options: ImportFileOptions) => {
    process.exitCode = await importFile(
      await openClient(readSettingsBesideUp()),
      file,
      options,
      process.stdout,
    );
  });

program
  .command('retry')
  .description('send the corrected reject file of an import; records that have landed are refused')
  .argument('<import>', 'the id of the import whose rejects were corrected')
  .argument('<file>', 'its rejects.csv, corrected, with the column _row')
  .option('-w, --watch', 'follow it to its end; exit 1 when it does not succeed')
  .action(async (importId: string, file: string, options: { watch?: boolean }) => {
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

function oneOf(...values: string[]) {
  return (value: string): string => {
    if (!values.includes(value)) throw new InvalidArgumentError(`It must be ${values.join(' or ')}.`);
    return value;
  };
}

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
  for (const item of expected ? (error.errors ?? []) : []) process.stderr.write(`  - ${item.detail}\n`);
  // A start that failed half-way has connections open that would keep the process.
  process.exit(1);
}
