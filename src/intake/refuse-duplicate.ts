import type { NewImport } from '../db/imports/record-imports.ts';
import { AppError } from '../errors.ts';

/**
 * @param duplicateOf the import that has brought the same bytes
 * @throws AppError UPLOAD_DUPLICATE when the sender wants no such import
 */
export function refuseDuplicate(
  { dataset, ifDuplicate }: Pick<NewImport, 'dataset' | 'ifDuplicate'>,
  duplicateOf: string | null,
): void {
  if (duplicateOf === null || ifDuplicate !== 'refuse') return;
  throw new AppError(
    'UPLOAD_DUPLICATE',
    `The same file was sent to "${dataset}" before, as import ${duplicateOf}, and rows of it are in the tables or on their way. Send it with ifDuplicate=allow to take it again; nothing was kept.`,
    { duplicateOf },
  );
}
