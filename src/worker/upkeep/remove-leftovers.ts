import { isUuid } from '../../core/uuid.ts';
import { existingImports } from '../../db/imports/imports.ts';
import { IMPORTS_FOLDER, importFolder, importOfFolder } from '../../storage/keys.ts';
import { doEach, type Duty, type UpkeepDeps } from './duty.ts';

const EVERY_MS = 10 * 60_000;
/** An upload that has not grown for so long is dead: the server cuts idle connections much earlier. */
const LEFTOVER_AFTER_MS = 15 * 60_000;
const AT_ONCE = 500;

/** Removes folders of uploads that never became an import. What is no import's folder is left alone. */
export function removeLeftovers(
  { db, storage, logger }: Pick<UpkeepDeps, 'db' | 'storage' | 'logger'>,
  now: () => number = Date.now,
): Duty {
  async function remove(importId: string): Promise<void> {
    // Looked at once more: removing the ones before it may have taken long, and an upload may be recorded at any time.
    if ((await existingImports(db, [importId])).size > 0) return;
    logger.info({ importId }, 'removing what an interrupted upload left behind');
    await storage.removeFolder(importFolder(importId));
  }
  async function removeUnknown(idle: readonly string[]): Promise<void> {
    const known = await existingImports(db, idle);
    const unknown = idle.filter((id) => !known.has(id));
    await doEach(unknown, logger, (id) => `what upload ${id} left behind was not removed`, remove);
  }
  return {
    name: 'the sweep of interrupted uploads',
    everyMs: EVERY_MS,
    run: async () => {
      let idle: string[] = [];
      for await (const { key, changedAt } of storage.listFolders(IMPORTS_FOLDER)) {
        if (!isUuid(importOfFolder(key)) || now() - changedAt.getTime() <= LEFTOVER_AFTER_MS) continue;
        idle.push(importOfFolder(key));
        if (idle.length < AT_ONCE) continue;
        await removeUnknown(idle);
        idle = [];
      }
      await removeUnknown(idle);
    },
  };
}
