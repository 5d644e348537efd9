import type { IntakeDeps } from './intake-deps.ts';
import { wrong } from './options/option.ts';
import { UPLOAD_OPTIONS, type UploadOptionName } from './options/table.ts';

/**
 * Judges one option by itself, so that what is wrong is answered before more is sent. What options say together is judged when all
 * are there (`readOptions`).
 * @throws AppError INVALID_REQUEST naming the option
 */
export function judgeOption(
  { config: { maxColumns } }: Pick<IntakeDeps, 'config'>,
  name: UploadOptionName,
  text: string,
): void {
  const value = UPLOAD_OPTIONS[name].read(text, name);
  if (name !== 'mapping' || typeof value !== 'object' || value === null) return;
  const columns = Object.keys(value).length;
  if (columns > maxColumns)
    throw wrong(
      name,
      `names ${columns} columns; a file may have ${maxColumns} (SLUICE_MAX_COLUMNS). Name only columns of the file`,
    );
}
