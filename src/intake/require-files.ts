import type { ImportRow } from '../db/imports/imports.ts';
import { AppError } from '../errors.ts';

/**
 * @param advice what to do instead, a sentence; empty: nothing
 * @throws AppError FILE_GONE when the files of the import were erased, or are past their retention
 */
export function requireFiles(imp: Pick<ImportRow, 'erasedAt' | 'filesRemovedAt'>, advice = ''): void {
  const { erasedAt, filesRemovedAt } = imp;
  const gone =
    erasedAt !== null
      ? `This import was erased on ${erasedAt.toISOString()}, with its files.`
      : filesRemovedAt !== null
        ? `The files of this import were removed on ${filesRemovedAt.toISOString()} (SLUICE_FILE_RETENTION_DAYS, or the retention of the dataset).`
        : undefined;
  if (gone !== undefined) throw new AppError('FILE_GONE', `${gone} ${advice}`.trimEnd());
}
