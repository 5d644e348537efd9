// What a backup says of itself. It is written last: a folder without it is no backup.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../../core/dataset/types.ts';
import { AppError } from '../../errors.ts';

/** Goes up when an older Sluice could not read what a newer one writes. */
const FORMAT = 1;
const FILE = 'manifest.json';

/** A file of the backup. */
export interface WrittenFile {
  readonly bytes: number;
  /** Hex SHA-256. */
  readonly sha256: string;
}

/** A table, as COPY text, packed by gzip. */
export interface SavedTable extends WrittenFile {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** From the backup's folder. */
  readonly path: string;
}

export interface Manifest {
  readonly format: number;
  /** The version of Sluice. */
  readonly sluice: string;
  /** Of Sluice's tables: the number of their migrations. */
  readonly tablesVersion: number;
  /** The moment of the database. */
  readonly takenAt: string;
  /** In an order in which foreign keys hold. Empty: the storage alone was saved. */
  readonly tables: readonly SavedTable[];
  /** The datasets whose tables are in it. */
  readonly datasets: readonly Dataset[];
  /** The list of the storage's files (stored-files.ts), and how many they are. */
  readonly list: WrittenFile;
  readonly files: number;
  /** Files that the database named and that were removed while the backup was made. */
  readonly gone: number;
}

export async function writeManifest(folder: string, manifest: Omit<Manifest, 'format'>): Promise<void> {
  const path = join(folder, FILE);
  const text = JSON.stringify({ format: FORMAT, ...manifest }, undefined, 2);
  await writeFile(`${path}.part`, `${text}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.part`, path);
}

/** @throws AppError CONFIG_INVALID when the folder is no whole backup, or one of a newer Sluice */
export async function readManifest(folder: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(join(folder, FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new AppError(
      'CONFIG_INVALID',
      `${folder} is no backup, or one that was cut off: it has no ${FILE}. Name the folder that "sluice backup" has written.`,
      {},
      { cause: error },
    );
  }
  const manifest = JSON.parse(text) as Manifest;
  if (manifest.format !== FORMAT)
    throw new AppError(
      'CONFIG_INVALID',
      `The backup in ${folder} has format ${manifest.format}, and this Sluice reads ${FORMAT}. Restore it with Sluice ${manifest.sluice}.`,
    );
  return manifest;
}
