// Where the files of an import are. Everything of one import is below one folder, so that it goes in one removal.
import type { StorageKey } from './storage.ts';

/** The folder that holds a folder for each import. */
export const IMPORTS_FOLDER = 'imports/';

export function importFolder(importId: string): StorageKey {
  return `${IMPORTS_FOLDER}${importId}/`;
}

export function uploadKey(importId: string): StorageKey {
  return `${importFolder(importId)}upload.csv`;
}

/** A ZIP archive, until its file is taken out. */
export function archiveKey(importId: string): StorageKey {
  return `${importFolder(importId)}upload.zip`;
}

/** `attempt` is fresh for every try, so that a late worker can never overwrite what a committed chunk points to. */
export function rejectsKey(importId: string, chunkNo: number, attempt: string): StorageKey {
  return `${importFolder(importId)}rejects/${chunkNo}-${attempt}.jsonl`;
}

/** The import a folder belongs to. */
export function importOfFolder(folder: StorageKey): string {
  return folder.slice(IMPORTS_FOLDER.length, -1);
}
