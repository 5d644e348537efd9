#!/usr/bin/env node
// The `sluice` command. Each command puts its parts together and runs them; nothing runs on import but this file.
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Command, CommanderError } from 'commander';
import { requireDatabase } from '../config/config.ts';
import { openDatabase } from '../db/client.ts';
import { AppError } from '../errors.ts';
import { createLogger } from '../logger.ts';
import { applyDatasets } from './apply-datasets.ts';
import { addClientCommands } from './client/commands.ts';
import { EXIT, EXIT_CODES_HELP } from './exit-codes.ts';
import { describeFailure, fileReason } from './failure-text.ts';
import { addKeysCommands } from './keys.ts';
import { printable } from './print.ts';
import { readSettingsBesideUp } from './read-settings.ts';
import { addServeCommands } from './serve.ts';
import { readVersion } from '../version.ts';
import { shortUsage } from './usage.ts';

const version = readVersion();

const program = new Command('sluice')
  .description(
    'CSV files in over HTTP, landed in Postgres: checked row by row, exactly once, as fast as COPY.',
  )
  .version(version, '-V, --version')
  .addHelpText('after', EXIT_CODES_HELP)
  .exitOverride();

addServeCommands(program);

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

addClientCommands(program);
addKeysCommands(program);
shortUsage(program);

try {
  readEnvFile();
  await program.parseAsync();
} catch (error) {
  // A start that failed half-way has connections open that would keep the process.
  process.exit(end(error));
}

/** What stands in the environment already wins over the file. */
function readEnvFile(): void {
  if (!existsSync('.env')) return;
  let text: string;
  try {
    text = readFileSync('.env', 'utf8');
  } catch (error) {
    const reason = fileReason(error) ?? (error as Error).message;
    throw new AppError(
      'CONFIG_INVALID',
      `The file .env in this folder cannot be read: ${reason}.`,
      {},
      { cause: error },
    );
  }
  for (const [name, value] of Object.entries(parseEnv(text))) process.env[name] ??= value;
}

/** Tells of a failure. @returns the exit code */
function end(error: unknown): number {
  // Commander has said it already, or it was asked for help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const sentence = describeFailure(error);
  const unexpected = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`sluice: ${printable(sentence ?? `an error that nobody expected\n${unexpected}`)}\n`);
  return EXIT.failed;
}
