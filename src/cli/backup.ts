// `sluice backup` and `sluice restore`.
import type { Command } from 'commander';
import type { BackupOptions } from './backup/write-backup.ts';
import type { RestoreOptions } from './backup/restore-backup.ts';
import { readSettingsBesideUp } from './read-settings.ts';

export function addBackupCommands(program: Command): void {
  program
    .command('backup')
    .argument('<folder>', 'an empty folder, or one that is not there yet')
    .description(
      'save Sluice’s tables, the tables of the datasets, and the files of the storage, all of one moment, while everything runs (DATABASE_URL)',
    )
    .option('--storage-only', 'only the files; the database is backed up by other means, before')
    .action(async (folder: string, options: BackupOptions) => {
      const settings = readSettingsBesideUp();
      const { backUp } = await import('./backup/write-backup.ts');
      await backUp(settings, folder, options, process.stdout);
    });

  program
    .command('restore')
    .argument('<folder>', 'what "sluice backup" has written')
    .description('put a backup into an empty database and the storage, while no API and no worker runs')
    .option('--check', 'only look whether the backup is whole')
    .option('--replace', 'remove what Sluice has in the database, and the rows of the datasets’ tables')
    .action(async (folder: string, options: RestoreOptions) => {
      const settings = readSettingsBesideUp();
      const { restore } = await import('./backup/restore-backup.ts');
      await restore(settings, folder, options, process.stdout);
    });
}
