// `sluice datasets`: dataset documents, straight in the database.
import type { Command } from 'commander';
import { requireDatabase } from '../config/config.ts';
import { readSettingsBesideUp } from './read-settings.ts';

export function addDatasetsCommands(program: Command): void {
  const datasets = program.command('datasets').description('dataset documents');

  datasets
    .command('apply')
    .description('check the documents in SLUICE_DATASETS_DIR, make or change their tables, and record them')
    .argument('[folder]', 'another folder')
    .action(async (folder?: string) => {
      const settings = readSettingsBesideUp({ SLUICE_DATASETS_DIR: folder });
      requireDatabase(settings);
      const { openDatabase } = await import('../db/client.ts');
      const { createLogger } = await import('../logger.ts');
      const { applyDatasets } = await import('./apply-datasets.ts');
      const logger = createLogger(settings, 'datasets');
      const database = openDatabase(settings.databaseUrl, { name: 'datasets', max: 1, logger });
      try {
        await applyDatasets(database, settings.datasetsDir, logger);
      } finally {
        await database.close();
      }
    });
}
