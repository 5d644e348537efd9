// Where the files of an import and of a kept upload are. Everything of one is below one folder, so that it goes in one removal.
import type { StorageKey } from './storage.ts';

/** The folder that holds a folder for each import. */
export const IMPORTS_FOLDER = 'imports/';

export function importFolder(importId: string): StorageKey {
  return `${IMPORTS_FOLDER}${importId}/`;
}

export function uploadKey(importId: string): StorageKey {
  return `${importFolder(importId)}upload.csv`;
}

/** A ZIP archive, until its file is taken out and fits. */
export function archiveKey(importId: string): StorageKey {
  return `${importFolder(importId)}upload.zip`;
}

/** The bytes as they were sent, as far as the text does not hold them, until it is known that the file raises no question. */
export function sentKey(importId: string): StorageKey {
  return `${importFolder(importId)}upload.sent`;
}

/** The folder that holds a folder for each kept upload. */
export const KEPT_FOLDER = 'uploads/';

export function keptFolder(uploadId: string): StorageKey {
  return `${KEPT_FOLDER}${uploadId}/`;
}

/** A kept upload, as it was sent. */
export function keptKey(uploadId: string): StorageKey {
  return `${keptFolder(uploadId)}file`;
}

/** The folder that holds a folder for each export of records that a task has made. */
export const EXPORTS_FOLDER = 'exports/';

export function exportFolder(taskId: string): StorageKey {
  return `${EXPORTS_FOLDER}${taskId}/`;
}

/** `attempt` is fresh for every try, as for rejects. */
export function exportKey(taskId: string, attempt: string): StorageKey {
  return `${exportFolder(taskId)}${attempt}`;
}

/** The folder that holds a folder for each upload that comes in pieces. */
export const RESUMABLE_FOLDER = 'resumable/';

export function resumableFolder(uploadId: string): StorageKey {
  return `${RESUMABLE_FOLDER}${uploadId}/`;
}

/** `attempt` is fresh for every try: of two that begin at the same byte, one is taken. */
export function pieceKey(uploadId: string, startByte: number, attempt: string): StorageKey {
  return `${resumableFolder(uploadId)}${startByte}-${attempt}`;
}

/** `attempt` is fresh for every try, so that a late worker can never overwrite what a committed chunk points to. */
export function rejectsKey(importId: string, chunkNo: number, attempt: string): StorageKey {
  return `${importFolder(importId)}rejects/${chunkNo}-${attempt}.jsonl`;
}

/** A file that was made for a download, for whoever is sent to the storage for it. The next such request replaces it. */
export function downloadKey(importId: string, variant: string, name: string): StorageKey {
  return `${importFolder(importId)}downloads/${variant}/${name}`;
}

/** Whose folder it is: the id of an import, of a kept upload, or of an export. */
export function idOfFolder(folder: StorageKey): string {
  return folder.slice(folder.indexOf('/') + 1, -1);
}
