import type { NewImport } from '../db/imports/record-imports.ts';
import { uploadKey } from '../storage/keys.ts';

/** What is particular to each import of a file. */
type OfThisImport = Pick<NewImport, 'id' | 'createdBy' | 'dryRun' | 'commitOf' | 'rerunOf' | 'plan'>;

/** A stored file, how it is read, and what becomes of its records: an upload, or an import that was made of one before. */
export type ImportedFile = Omit<NewImport, keyof OfThisImport | 'storageKey' | 'columns' | 'undecodable'> & {
  readonly columns: Readonly<NewImport['columns']>;
  readonly undecodable: Readonly<NewImport['undecodable']>;
};

/** The one place that builds the row of an import, column by column: of an upload, a retry, a commit, a rerun. */
export function newImportRow(file: ImportedFile, own: OfThisImport): NewImport {
  return {
    id: own.id,
    createdBy: own.createdBy,
    dryRun: own.dryRun,
    commitOf: own.commitOf,
    rerunOf: own.rerunOf,
    storageKey: uploadKey(own.id),
    dataset: file.dataset,
    document: file.document,
    fileName: file.fileName,
    entryName: file.entryName,
    content: file.content,
    bytes: file.bytes,
    sha256: file.sha256,
    encoding: file.encoding,
    hadBom: file.hadBom,
    dialect: file.dialect,
    columns: [...file.columns],
    mapping: file.mapping,
    headerFingerprint: file.headerFingerprint,
    undecodable: [...file.undecodable],
    dataStart: file.dataStart,
    dataLine: file.dataLine,
    dataEnd: file.dataEnd,
    plan: own.plan,
    mode: file.mode,
    onError: file.onError,
    maxErrors: file.maxErrors,
    ifDuplicate: file.ifDuplicate,
    parentId: file.parentId,
    rootId: file.rootId,
  };
}
