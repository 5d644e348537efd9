// Files of the storage in a backup: those that the database names, as `files/<key>`, and a list with a line for each.
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { to as copyTo } from 'pg-copy-streams';
import type pg from 'pg';
import { AppError } from '../../errors.ts';
import { requireKey } from '../../storage/key.ts';
import { keptKey } from '../../storage/keys.ts';
import type { Storage } from '../../storage/storage.ts';
import type { WrittenFile } from './manifest.ts';
import { writeFileOf } from './written-files.ts';

const FILES_AT_ONCE = 8;
export const LIST_FILE = 'files.jsonl';
const NAMES_FILE = 'names.part';

/** A line of the list. Null: the file was removed while the backup was made. */
export interface StoredFile {
  readonly key: string;
  readonly written: WrittenFile | null;
}

/** SQL of the keys that rows name. Of imports that are erased nothing more is kept. */
const NAMED = `
  SELECT storage_key FROM sluice.imports WHERE content IS NULL AND files_removed_at IS NULL AND erased_at IS NULL
  UNION ALL
  SELECT c.rejects_key FROM sluice.import_chunks c JOIN sluice.imports i ON i.id = c.import_id
   WHERE c.rejects_key IS NOT NULL AND i.files_removed_at IS NULL AND i.erased_at IS NULL
  UNION ALL
  SELECT replace('${keptKey('{id}')}', '{id}', id::text) FROM sluice.uploads WHERE expires_at > now()
  UNION ALL
  SELECT p.storage_key FROM sluice.upload_pieces p JOIN sluice.resumable_uploads u ON u.id = p.upload_id WHERE u.expires_at > now()
  UNION ALL
  SELECT key FROM sluice.record_exports WHERE expires_at > now()`;

/** Writes the names of all files into the backup's folder, as the transaction sees them. */
export async function noteNames(client: pg.ClientBase, folder: string): Promise<void> {
  await writeFileOf(join(folder, NAMES_FILE), client.query(copyTo(`COPY (${NAMED}) TO STDOUT`)));
}

/** Copies the files whose names were noted. */
export async function saveFiles(
  storage: Storage,
  folder: string,
): Promise<{ readonly list: WrittenFile; readonly files: number; readonly gone: number }> {
  let files = 0;
  let gone = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const keys of batches(readLines(join(folder, NAMES_FILE)), FILES_AT_ONCE))
      for (const file of await Promise.all(keys.map((key) => saveFile(storage, folder, key)))) {
        if (file.written === null) gone++;
        else files++;
        yield `${JSON.stringify(file)}\n`;
      }
  }
  const list = await writeFileOf(join(folder, LIST_FILE), Readable.from(lines(), { objectMode: false }));
  await rm(join(folder, NAMES_FILE));
  return { list, files, gone };
}

async function saveFile(storage: Storage, folder: string, key: string): Promise<StoredFile> {
  const path = join(folder, pathOf(key));
  try {
    return { key, written: await writeFileOf(path, storage.read(key)) };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'FILE_GONE') throw error;
    await rm(path, { force: true });
    return { key, written: null };
  }
}

/** From the backup's folder. */
export function pathOf(key: string): string {
  return `files/${requireKey(key)}`;
}

export async function* listFiles(folder: string): AsyncGenerator<StoredFile> {
  for await (const line of readLines(join(folder, LIST_FILE))) yield JSON.parse(line) as StoredFile;
}

/** Puts the files back into the storage. */
export async function restoreFiles(storage: Storage, folder: string): Promise<void> {
  for await (const files of batches(listFiles(folder), FILES_AT_ONCE))
    await Promise.all(
      files.map(async ({ key, written }) => {
        if (written !== null) await storage.write(key, createReadStream(join(folder, pathOf(key))));
      }),
    );
}

function readLines(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path), crlfDelay: Infinity });
}

async function* batches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
