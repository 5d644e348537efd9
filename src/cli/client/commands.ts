// The commands that call the API: their arguments and options. What each does is in a file of its own.
import type { Command } from 'commander';
import { showStatus } from './api-status.ts';
import { addFileOptions, addReadingOptions, oneOf, requireFile } from './file-options.ts';
import { commitImport, importFile, retryImport, type SendOptions } from './import-file.ts';
import { inspectFile, type InspectOptions } from './inspect-file.ts';
import { listErrors, type ErrorsOptions } from './list-errors.ts';
import { listImports, type ImportFilter } from './list-imports.ts';
import { JSON_OPTION, LIMIT_OPTION, readCount, runClient as run } from './run-client.ts';
import { rerunImport, rerunImports, type RerunFilter } from './rerun-imports.ts';
import { addSchedulesCommands } from './schedules-commands.ts';
import { addWebhooksCommands } from './webhooks-commands.ts';
import { addTasksCommands } from './tasks-commands.ts';
import { saveRejects, type RejectsOptions } from './save-rejects.ts';
import { cancelImport, deleteImport, showImport, type CancelOptions } from './show-import.ts';
import { undoImport } from './undo-import.ts';
import type { FollowOptions } from './watch-import.ts';

const IMPORT_ARGUMENT = ['<import>', 'its id'] as const;
const WATCH = ['-w, --watch', 'follow it to its end; exit 1 when it does not succeed'] as const;

/** Adds all of them; they find the API by SLUICE_URL and SLUICE_API_KEY, or by the `sluice up` that runs here. */
export function addClientCommands(program: Command): void {
  addSending(program);
  addReading(program);
  addChanging(program);
  addSchedulesCommands(program);
  addWebhooksCommands(program);
  addTasksCommands(program);
}

function addSending(program: Command): void {
  addFollowOptions(
    addFileOptions(
      program
        .command('import')
        .description('send a file to the API (SLUICE_URL, SLUICE_API_KEY)')
        .argument('[file]', 'without it, --upload-id names one that is kept'),
      'upload',
    ),
  ).action((file: string | undefined, options: SendOptions, command: Command) => {
    requireFile(command, file, options, true);
    return run((client) => importFile(client, file, options, process.stdout));
  });

  addReadingOptions(
    program
      .command('inspect')
      .description(
        'send a file and say what it is: encoding, columns and their types, a mapping, questions. Nothing is imported',
      )
      .argument('[file]', 'without it, --upload-id names one that is kept'),
    'look',
  )
    .option(...JSON_OPTION)
    .action((file: string | undefined, options: InspectOptions, command: Command) => {
      requireFile(command, file, options, false);
      return run((client) => inspectFile(client, file, options, process.stdout));
    });

  addFollowOptions(
    addFileOptions(
      program
        .command('retry')
        .description(
          'send the corrected reject file of an import; records that have landed are refused. Dataset and mode are the import’s',
        )
        .argument('<import>', 'the id of the import whose rejects were corrected')
        .argument(
          '[file]',
          'its rejects.csv, corrected, with the column _row; without it, --upload-id names one that is kept',
        ),
      'retry',
    ),
  ).action((id: string, file: string | undefined, options: SendOptions, command: Command) => {
    requireFile(command, file, options, false);
    return run((client) => retryImport(client, id, file, options, process.stdout));
  });
}

function addReading(program: Command): void {
  program
    .command('list')
    .description('the imports, newest first')
    .option(
      '-s, --status <status>',
      'only these: queued, running, cancelling, succeeded, failed, cancelled; several with commas',
    )
    .option('-d, --dataset <name>', 'only this dataset')
    .option(...LIMIT_OPTION, readCount, 20)
    .option(...JSON_OPTION)
    .action((options: ImportFilter) => run((client) => listImports(client, options, process.stdout)));

  addFollowOptions(
    program
      .command('show')
      .description('one import: what it is, how far it is, what became of its records')
      .argument(...IMPORT_ARGUMENT)
      .option(...WATCH),
  ).action((id: string, options: FollowOptions) =>
    run((client) => showImport(client, id, options, process.stdout)),
  );

  program
    .command('errors')
    .description('why records of an import did not land, in file order')
    .argument(...IMPORT_ARGUMENT)
    .option('--code <code>', 'only errors of this kind, such as type-error')
    .option('--column <header>', 'only errors of this column')
    .option(...LIMIT_OPTION, readCount, 100)
    .option(...JSON_OPTION)
    .action((id: string, options: ErrorsOptions) =>
      run((client) => listErrors(client, id, options, process.stdout)),
    );

  program
    .command('rejects')
    .description(
      'the rejected records of an import as CSV, or as an Excel workbook, to mend and send again with "retry"',
    )
    .argument(...IMPORT_ARGUMENT)
    .option(
      '-o, --output <file>',
      'where to write them; a workbook when the name ends in .xlsx (default: standard output)',
    )
    .option('--force', 'replace a file that is there')
    .option('--raw', 'without the guard against spreadsheet formulas')
    .action((id: string, options: RejectsOptions) =>
      run((client) => saveRejects(client, id, options, process.stdout)),
    );

  program
    .command('status')
    .description(
      'whether the API, Postgres, Redis and the storage answer, and how much work there is; exit 1 when a part is away',
    )
    .option(...JSON_OPTION)
    .action((options: { json?: boolean }) => run((client) => showStatus(client, options, process.stdout)));
}

function addChanging(program: Command): void {
  addFollowOptions(
    program
      .command('commit')
      .description('do what a dry run has tried, or nothing if its tables have changed since')
      .argument('<import>', 'the id of the dry run')
      .option(...WATCH),
  ).action((id: string, options: FollowOptions) =>
    run((client) => commitImport(client, id, options, process.stdout)),
  );

  program
    .command('undo')
    .description(
      'take the rows of an import out of the table again, except those that were changed or are referenced',
    )
    .argument(...IMPORT_ARGUMENT)
    .option('-w, --watch', 'wait for its end and say which rows were kept; exit 1 if it does not succeed')
    .option(...JSON_OPTION)
    .action((id: string, options: FollowOptions) =>
      run((client) => undoImport(client, id, options, process.stdout)),
    );

  program
    .command('cancel')
    .description('stop an import that has not ended')
    .argument(...IMPORT_ARGUMENT)
    .option(
      '--rows <what>',
      'keep (default) the rows that have landed, or rollback: take them back',
      oneOf('keep', 'rollback'),
    )
    .option(...JSON_OPTION)
    .action((id: string, options: CancelOptions) =>
      run((client) => cancelImport(client, id, options, process.stdout)),
    );

  addFollowOptions(
    program
      .command('rerun')
      .description('run an import again that has failed, or all that match')
      .argument('[import]', 'its id; without it, all with --status')
      .option('-s, --status <status>', 'all that are failed or cancelled', oneOf('failed', 'cancelled'))
      .option('-d, --dataset <name>', 'of these, only those of this dataset')
      .option('-y, --yes', 'do not ask whether to')
      .option(...WATCH),
  ).action((id: string | undefined, options: FollowOptions & Partial<RerunFilter>, command: Command) => {
    const { status } = options;
    if ((id === undefined) === (status === undefined))
      command.error('error: give the id of an import, or --status for all that have it');
    return run((client) =>
      id === undefined
        ? rerunImports(client, { ...options, status: status! }, process.stdout)
        : rerunImport(client, id, options, process.stdout),
    );
  });

  program
    .command('delete')
    .description(
      'erase the file of an import, its rejects, error values and names; its counts and rows remain',
    )
    .argument(...IMPORT_ARGUMENT)
    .option(...JSON_OPTION)
    .action((id: string, options: { json?: boolean }) =>
      run((client) => deleteImport(client, id, options, process.stdout)),
    );
}

function addFollowOptions(command: Command): Command {
  return command
    .option('--fail-on-rejects', 'as --watch; exit 3 when it succeeds and records were rejected')
    .option(...JSON_OPTION);
}
