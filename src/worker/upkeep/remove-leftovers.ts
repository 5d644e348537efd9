import { isUuid } from '../../core/uuid.ts';
import { existingImports } from '../../db/imports/imports.ts';
import { existingExports } from '../../db/records/exports.ts';
import { existingResumable } from '../../db/uploads/resumable.ts';
import { existingUploads } from '../../db/uploads/uploads.ts';
import {
  EXPORTS_FOLDER,
  exportFolder,
  IMPORTS_FOLDER,
  idOfFolder,
  importFolder,
  KEPT_FOLDER,
  keptFolder,
  RESUMABLE_FOLDER,
  resumableFolder,
} from '../../storage/keys.ts';
import { doEach, type Duty, type UpkeepDeps } from './duty.ts';

const EVERY_MS = 10 * 60_000;
/** An upload that has not grown for so long is dead: the server cuts idle connections much earlier. */
const LEFTOVER_AFTER_MS = 15 * 60_000;
const AT_ONCE = 500;

/** A folder of the storage that holds a folder for each of something. */
interface Place {
  readonly folder: string;
  readonly folderOf: (id: string) => string;
  /** Which of these ids are recorded. */
  readonly existing: (db: UpkeepDeps['db'], ids: readonly string[]) => Promise<Set<string>>;
}

const PLACES: readonly Place[] = [
  { folder: IMPORTS_FOLDER, folderOf: importFolder, existing: existingImports },
  { folder: KEPT_FOLDER, folderOf: keptFolder, existing: existingUploads },
  { folder: EXPORTS_FOLDER, folderOf: exportFolder, existing: existingExports },
  { folder: RESUMABLE_FOLDER, folderOf: resumableFolder, existing: existingResumable },
];

/** Removes folders of uploads that never became an import, nor are kept, and of exports that were cut off. What is no folder of ours is left alone. */
export function removeLeftovers(
  { db, storage, logger }: Pick<UpkeepDeps, 'db' | 'storage' | 'logger'>,
  now: () => number = Date.now,
): Duty {
  async function remove({ existing, folderOf }: Place, id: string): Promise<void> {
    // Looked at once more: removing the ones before it may have taken long, and an upload may be recorded at any time.
    if ((await existing(db, [id])).size > 0) return;
    logger.info({ folder: folderOf(id) }, 'removing what an interrupted upload or export left behind');
    await storage.removeFolder(folderOf(id));
  }
  async function removeUnknown(place: Place, idle: readonly string[]): Promise<void> {
    const known = await place.existing(db, idle);
    const unknown = idle.filter((id) => !known.has(id));
    await doEach(
      unknown,
      logger,
      (id) => `what ${id} left behind was not removed`,
      (id) => remove(place, id),
    );
  }
  async function sweep(place: Place): Promise<void> {
    let idle: string[] = [];
    for await (const { key, changedAt } of storage.listFolders(place.folder)) {
      if (!isUuid(idOfFolder(key)) || now() - changedAt.getTime() <= LEFTOVER_AFTER_MS) continue;
      idle.push(idOfFolder(key));
      if (idle.length < AT_ONCE) continue;
      await removeUnknown(place, idle);
      idle = [];
    }
    await removeUnknown(place, idle);
  }
  return {
    name: 'the sweep of interrupted uploads',
    everyMs: EVERY_MS,
    run: async () => {
      for (const place of PLACES) await sweep(place);
    },
  };
}
