// `sluice datasets`: dataset documents, checked alone, or put straight into the database.
import type { Command } from 'commander';
import { requireDatabase } from '../config/config.ts';
import type { DatasetsSource } from './apply-datasets.ts';
import { isDatasetsDirSet } from './folders.ts';
import { readSettings, readSettingsBesideUp } from './read-settings.ts';

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
    .command('apply')
    .description('check the documents in SLUICE_DATASETS_DIR, make or change their tables, and record them')
    .argument('[path]', 'another folder, or a file')
    .option('--plan', 'print the SQL that would be run, and change nothing')
    .action(async (path: string | undefined, options: { plan?: boolean }) => {
      const settings = readSettingsBesideUp();
      requireDatabase(settings);
      const { openDatabase } = await import('../db/client.ts');
      const { createLogger } = await import('../logger.ts');
      const { applyDatasets, planDatasets } = await import('./apply-datasets.ts');
      const source: DatasetsSource =
        path === undefined
          ? { path: settings.datasetsDir, named: isDatasetsDirSet(process.env) ? 'setting' : 'nowhere' }
          : { path, named: 'argument' };
      const logger = createLogger(settings, 'datasets');
      const database = openDatabase(settings.databaseUrl, { name: 'datasets', max: 1, logger });
      try {
        if (options.plan === true) await planDatasets(database, source, process.stdout);
        else await applyDatasets(database, source, settings.ddlLockMs, logger);
      } finally {
        await database.close();
      }
    });
}
