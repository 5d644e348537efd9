// The `sluice` command. Nothing runs on import but this file, and what a command stands on is imported when it runs: those that only
// call the API need no driver of Postgres.
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Command, CommanderError } from 'commander';
import { AppError } from '../errors.ts';
import { addBackupCommands } from './backup.ts';
import { addClientCommands } from './client/commands.ts';
import { addDatasetsCommands } from './datasets.ts';
import { EXIT, EXIT_CODES_HELP } from './exit-codes.ts';
import { fileReason } from './file-reason.ts';
import { addKeysCommands } from './keys.ts';
import { printable } from './print.ts';
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

addDatasetsCommands(program);
addClientCommands(program);
addKeysCommands(program);
addBackupCommands(program);
shortUsage(program);

try {
  readEnvFile();
  await program.parseAsync();
} catch (error) {
  // A start that failed half-way has connections open that would keep the process.
  process.exit(await end(error));
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
async function end(error: unknown): Promise<number> {
  // Commander has said it already, or it was asked for help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const { describeFailure } = await import('./failure-text.ts');
  const sentence = describeFailure(error);
  const unexpected = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`sluice: ${printable(sentence ?? `an error that nobody expected\n${unexpected}`)}\n`);
  return EXIT.failed;
}
