// If-Match and If-None-Match of requests that change a dataset (RFC 9110, 13.1).
import { Type, type Static } from '@fastify/type-provider-typebox';
import type { DatasetRow } from '../../db/datasets/datasets.ts';
import { AppError } from '../../errors.ts';

export const Preconditions = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      description: 'The `ETag` of the dataset as you know it: 412 when it is another one by now.',
    }),
  ),
  'if-none-match': Type.Optional(
    Type.String({ description: '`*`: 412 when there is a dataset of this name already.' }),
  ),
});

/** Of a dataset, as `ETag`: changes with its document and with who manages it. */
export function datasetTag({ version }: Pick<DatasetRow, 'version'>): string {
  return `"${version}"`;
}

/** @throws AppError PRECONDITION_FAILED */
export function judgePreconditions(
  name: string,
  row: DatasetRow | undefined,
  { 'if-match': ifMatch, 'if-none-match': ifNoneMatch }: Static<typeof Preconditions>,
): void {
  const now = row === undefined ? undefined : datasetTag(row);
  if (ifMatch !== undefined && !isAmong(ifMatch, now))
    throw new AppError(
      'PRECONDITION_FAILED',
      now === undefined
        ? `There is no dataset "${name}" (any more), so it was not changed.`
        : `Dataset "${name}" was changed meanwhile: it has the ETag ${now}. Read it again, and repeat the change on what it is now.`,
      { dataset: name, etag: now ?? null },
    );
  if (ifNoneMatch !== undefined && isAmong(ifNoneMatch, now))
    throw new AppError('PRECONDITION_FAILED', `There is a dataset "${name}" already, so none was made.`, {
      dataset: name,
      etag: now,
    });
}

/** A proxy that packs an answer makes its tag a weak one. */
function isAmong(tags: string, now: string | undefined): boolean {
  if (now === undefined) return false;
  return tags.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === now);
}
