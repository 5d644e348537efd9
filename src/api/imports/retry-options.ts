// What a retry takes from the import whose rejects it mends.
import { findImport, type ImportRow } from '../../db/imports/imports.ts';
import { sumCounts } from '../../db/imports/chunks.ts';
import type { Notation } from '../../core/dataset/types.ts';
import { isFinal } from '../../core/tasks/task-status.ts';
import { findTask } from '../../db/tasks/tasks.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import { requireFiles } from '../../intake/require-files.ts';
import { OPTION_ENTRIES, type UploadOptionName } from '../../intake/options/table.ts';
import type { OpenUpload } from './open-upload.ts';
import { readOptions, type RawUploadOptions, type UploadOptions } from '../../intake/upload-options.ts';

/** @throws AppError NOT_FOUND, CONFLICT, FILE_GONE when the import has no rejects to mend now */
export async function requireRetryParent({ database: { db } }: ApiDeps, id: string): Promise<ImportRow> {
  const imp = await findImport(db, id);
  const status = (await findTask(db, id))?.status;
  if (imp === undefined || status === undefined) throw new AppError('NOT_FOUND', `There is no import ${id}.`);
  if (!isFinal(status))
    throw new AppError(
      'CONFLICT',
      `The import is ${status}. Its rejects are complete when it has ended; retry them then.`,
      {
        taskStatus: status,
      },
    );
  if (imp.dryRun)
    throw new AppError('CONFLICT', 'A dry run has landed nothing. Mend the file itself and send it again.');
  if ((await sumCounts(db, id)).rejected === 0)
    throw new AppError('CONFLICT', 'This import has no rejected records, so there is nothing to retry.');
  requireFiles(imp, 'Send the records as an upload of their own.');
  return imp;
}

/** What a retry takes over as text; how its columns write dates and numbers comes with `notationsOf`, column by column. */
const TAKEN_OVER: Partial<Record<UploadOptionName, (parent: ImportRow) => string | undefined>> = {
  dataset: (parent) => parent.dataset,
  create: () => 'false',
  // What a replace has put in the table must not be replaced by the few records that it had rejected.
  mode: (parent) => (parent.mode === 'replace' ? 'insert' : parent.mode),
  mapping: ({ mapping }) => (mapping === null ? undefined : JSON.stringify(mapping)),
};

/** Options that the table calls `fixed` are the parent’s; so are `inherited` ones unless the request says otherwise. @throws AppError INVALID_REQUEST */
export function readRetryOptions(
  parent: ImportRow,
  raw: RawUploadOptions,
  upload: OpenUpload,
): UploadOptions {
  const options: Partial<Record<UploadOptionName, string>> = { ...raw };
  for (const [name, { retry }] of OPTION_ENTRIES) {
    const value = TAKEN_OVER[name]?.(parent);
    if (value === undefined) continue;
    const said = (options[name] ??= value);
    if (retry === 'fixed' && said !== value)
      throw new AppError(
        'INVALID_REQUEST',
        `The option "${name}" of this retry is ${value}, after its import. Leave it out.`,
        { option: name },
      );
  }
  return {
    ...readOptions(options, upload),
    retryOf: { id: parent.id, notations: notationsOf(parent), dialect: parent.dialect },
  };
}

function notationsOf({ document, columns }: ImportRow): Map<string, Notation> {
  return new Map(
    columns.flatMap(({ header: _header, fieldIndex, ...notation }) => {
      const field = fieldIndex === null ? undefined : document.schema.fields[fieldIndex];
      return field === undefined ? [] : [[field.name, notation] as const];
    }),
  );
}
