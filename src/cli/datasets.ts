// `sluice datasets`: dataset documents, checked alone, or put straight into the database.
import { Option, type Command } from 'commander';
import { requireDatabase } from '../config/config.ts';
import type { DatasetsSource } from './apply-datasets.ts';
import { isDatasetsDirSet } from './folders.ts';
import { readSettings, readSettingsBesideUp } from './read-settings.ts';

interface ApplyFlags {
  readonly plan?: boolean;
  readonly takeOver?: boolean;
  readonly leaveApi?: boolean;
}

export function addDatasetsCommands(program: Command): void {
  const datasets = program.command('datasets').description('dataset documents');

  datasets
    .command('check')
    .description(
      'say everything that is wrong with the documents, without a database; exit 1 when anything is',
    )
    .argument('[path]', 'a folder or a file, in place of SLUICE_DATASETS_DIR')
    .action(async (path?: string) => {
      const { checkDatasets } = await import('./read-datasets.ts');
      process.exitCode = await checkDatasets(path ?? readSettings().datasetsDir, process.stdout);
    });

  datasets
    .command('schema')
    .description('print the JSON Schema of the documents, for editors')
    .action(async () => {
      const { datasetJsonSchema } = await import('../core/dataset/document/json-schema.ts');
      process.stdout.write(`${JSON.stringify(datasetJsonSchema(), null, 2)}\n`);
    });

  datasets
    .command('apply')
    .description('check the documents in SLUICE_DATASETS_DIR, make or change their tables, and record them')
    .argument('[path]', 'another folder, or a file')
    .option('--plan', 'print the SQL that would be run, and change nothing')
    .addOption(
      new Option(
        '--take-over',
        'also change datasets that the API manages; their files manage them then',
      ).conflicts('leaveApi'),
    )
    .option('--leave-api', 'leave datasets that the API manages as they are, with a warning')
    .action(async (path: string | undefined, options: ApplyFlags) => {
      const settings = readSettingsBesideUp();
      requireDatabase(settings);
      const { directAddress } = await import('../db/connection.ts');
      const { openDatabase } = await import('../db/client.ts');
      const { createLogger } = await import('../logger.ts');
      const { applyDatasets, planDatasets } = await import('./apply-datasets.ts');
      const source: DatasetsSource =
        path === undefined
          ? { path: settings.datasetsDir, named: isDatasetsDirSet(process.env) ? 'setting' : 'nowhere' }
          : { path, named: 'argument' };
      const logger = createLogger(settings, 'datasets');
      const database = openDatabase(directAddress(settings), { name: 'datasets', max: 1, logger });
      try {
        if (options.plan === true) await planDatasets(database, source, process.stdout);
        else
          await applyDatasets(
            database,
            source,
            {
              lockMs: settings.ddlLockMs,
              managedByApi:
                options.takeOver === true ? 'take-over' : options.leaveApi === true ? 'leave' : 'refuse',
            },
            logger,
          );
      } finally {
        await database.close();
      }
    });
}
