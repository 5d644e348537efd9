// An upload whose bytes are all there becomes a kept upload: one file, looked at as any other.
import { isUnavailable } from '../../db/errors.ts';
import {
  beginFinishing,
  deleteResumable,
  listPieces,
  setFinishing,
  type ResumableUpload,
} from '../../db/uploads/resumable.ts';
import { AppError } from '../../errors.ts';
import { resumableFolder } from '../../storage/keys.ts';
import { receiveToInspect } from '../inspect/receive-to-inspect.ts';
import type { IntakeDeps } from '../intake-deps.ts';
import { isRecorded, type KeepDeps } from '../keep-upload.ts';
import { readLooseOptions } from '../upload-options.ts';

const SAY_EVERY_MS = 10_000;

/**
 * Makes it. Whoever is killed in the middle has done nothing: the next one begins again. Whoever stands still for long, and goes on when
 * another one has made it, changes nothing.
 * @returns false when another one is at it
 * @throws AppError of the file kinds for what cannot be taken whatever is answered: then it is gone. What may go well later leaves it as it is
 */
export async function finishUpload(deps: IntakeDeps, upload: ResumableUpload): Promise<boolean> {
  const { db } = deps.database;
  const { id, fileName, packing, options, createdBy } = upload;
  if (!(await beginFinishing(db, id))) return false;
  const timer = setInterval(() => {
    setFinishing(db, id, true).catch((error: unknown) =>
      deps.logger.warn({ err: error, upload: id }, 'it could not be said that an upload is being finished'),
    );
  }, SAY_EVERY_MS);
  try {
    await receiveToInspect(deps, {
      upload: { id, fileName, packing, options, parentId: null, createdBy },
      source: readPieces(deps, upload),
      options: readLooseOptions(options, packing === null ? {} : { packing }),
    });
  } catch (error) {
    clearInterval(timer);
    if (isUnavailable(error)) throw error;
    // Whoever stood still for longer than others wait finds that another one has made it, and that the pieces are gone.
    if (await isRecorded(deps, id)) return true;
    if (isForGood(error)) await removeResumable(deps, id);
    else await setFinishing(db, id, false);
    throw error;
  } finally {
    clearInterval(timer);
  }
  await removePieces(deps, id);
  return true;
}

/** What another attempt would find again. */
function isForGood(error: unknown): boolean {
  return error instanceof AppError && error.status < 500 && error.code !== 'TOO_MANY_KEPT_UPLOADS';
}

async function* readPieces(
  { storage, database }: IntakeDeps,
  { id, length }: ResumableUpload,
): AsyncGenerator<Buffer> {
  let at = 0;
  for (const { startByte, endByte, storageKey } of await listPieces(database.db, id)) {
    if (startByte !== at) throw new Error(`The upload ${id} has no piece that begins at byte ${at}`);
    const piece = storage.read(storageKey);
    try {
      for await (const bytes of piece as AsyncIterable<Buffer>) {
        at += bytes.length;
        yield bytes;
      }
    } finally {
      piece.destroy();
    }
    if (at !== endByte) throw new Error(`The piece ${storageKey} ends at byte ${at} and not at ${endByte}`);
  }
  if (at !== length) throw new Error(`The upload ${id} has ${at} bytes and not ${length}`);
}

/** @returns whether it was there */
export async function removeResumable(deps: KeepDeps, id: string): Promise<boolean> {
  const wasThere = await deleteResumable(deps.database.db, id);
  if (wasThere) await removePieces(deps, id);
  return wasThere;
}

/** What cannot be removed now is removed by the sweep. */
async function removePieces({ storage, logger }: KeepDeps, id: string): Promise<void> {
  await storage
    .removeFolder(resumableFolder(id))
    .catch((error: unknown) =>
      logger.warn({ err: error, upload: id }, 'the pieces of an upload were not removed'),
    );
}
