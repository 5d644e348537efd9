// Options that say where the records go and what becomes of them.
import { Type } from 'typebox';
import { IF_DUPLICATES, IMPORT_MODES, ON_ERRORS } from '../../core/imports/import-mode.ts';
import { isMaxErrors } from '../../core/imports/max-errors.ts';
import { isUuid } from '../../core/uuid.ts';
import { AppError } from '../../errors.ts';
import { choice, flag, text, wrong, type UploadOption } from './option.ts';

export const DATASET_OPTION = {
  dataset: {
    schema: Type.String({ minLength: 1 }),
    doc: 'The dataset that the records belong to.',
    required: true,
    read: (said) => {
      if (said === undefined || said === '')
        throw new AppError(
          'INVALID_REQUEST',
          'The option "dataset" is missing. Send it before the file, or in the query.',
          { option: 'dataset' },
        );
      return said;
    },
    flag: { flags: '-d, --dataset <name>' },
    retry: 'fixed',
  } as UploadOption<string>,
};

export const LANDING_OPTIONS = {
  uploadId: text(readUploadId, {
    schema: Type.String({ format: 'uuid' }),
    doc: 'A kept upload, in the place of a file that is sent.',
    more: 'A 422 that asks something has it, and `POST /v1/uploads` gives it. The options that the upload was sent with hold, unless they are given anew; in a body of JSON, `null` takes one back.',
    without: 'the request has a file',
    flag: { flags: '--upload-id <id>' },
    retry: 'own',
  }),
  ifDuplicate: choice(IF_DUPLICATES, {
    default: 'allow',
    doc: 'What happens to a file whose bytes were sent to the dataset before: it is taken, and `duplicateOf` says so, or it is refused (409).',
    more: 'An earlier import that failed, was cancelled or was taken back counts only when rows of it had landed and are still in the table. It also applies to the commit of a dry run.',
    flag: { flags: '--if-duplicate <what>' },
    retry: 'own',
  }),
  mode: choice(IMPORT_MODES, {
    default: 'insert',
    doc: 'How records become rows: `insert` adds them all, `upsert` updates the row with the same key and adds the others, `replace` puts the file in the place of all rows.',
    more: 'The key is the dataset’s primaryKey. If a key comes more than once in the file, the last record counts. Columns that the file lacks keep their values. Readers see all of an upsert or replace at once.',
    flag: { flags: '--mode <mode>' },
    retry: 'fixed',
  }),
  onError: choice(ON_ERRORS, {
    default: 'reject',
    doc: 'What happens when records are bad: `reject` rejects them and lands the others, `abort` lands all of the file or nothing.',
    more: 'With `abort` nothing lands when more than `maxErrors` records are rejected, and readers see all rows at once.',
    flag: { flags: '--on-error <what>' },
    retry: 'own',
  }),
  maxErrors: text(readMaxErrors, {
    schema: Type.String({ pattern: '^(\\d{1,15}|\\d{1,3}(\\.\\d{1,4})?%)$' }),
    doc: 'How many records may be rejected before the import fails (`too-many-errors`): a number, or a percentage of the file’s records such as `2.5%`.',
    more: 'What had landed by then stays; with `onError=abort` nothing has.',
    without: 'any number; with `onError=abort` none',
    flag: { flags: '--max-errors <n>' },
    retry: 'own',
  }),
  dryRun: flag(false, {
    doc: 'Find out what the import would do, and write nothing.',
    more: 'The import does everything, also the checks of the database, and then takes it back. Counts, row errors and rejects say what would happen. `POST /v1/imports/{id}/commit` then does it.',
    flag: { flags: '--dry-run' },
    retry: 'own',
  }),
  create: flag(false, {
    doc: 'Makes the dataset first, of what all records of the file are (as `POST /v1/datasets/infer` does), and imports the file into it. For admins.',
    more: 'In a form it stands before `dataset`. 409 when there is a dataset of this name already. When the file cannot be imported, no dataset is left.',
    flag: { flags: '--create' },
    retry: 'fixed',
  }),
};

function readUploadId(said: string, name: string): string {
  if (!isUuid(said)) throw wrong(name, `must be the id of an upload, a UUID, not "${said.slice(0, 40)}"`);
  return said;
}

function readMaxErrors(said: string, name: string): string {
  if (!isMaxErrors(said))
    throw wrong(
      name,
      `must be a number of records such as 100, or a percentage of them such as 2.5%, not "${said.slice(0, 40)}"`,
    );
  return said;
}
