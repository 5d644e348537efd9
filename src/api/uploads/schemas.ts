// Kept uploads as JSON.
import { Type, type Static } from '@fastify/type-provider-typebox';
import type { UploadRow } from '../../db/uploads/uploads.ts';
import { component } from '../http/components.ts';
import { CreatedBy, Id, Instant, nullable } from '../http/schemas.ts';

export const UPLOAD_MEMBERS = {
  id: Id('The upload: the `uploadId` of an import.'),
  fileName: nullable(Type.String({ description: 'The name of the file; null for a raw body without one.' })),
  bytes: Type.Integer({ minimum: 0, description: 'As sent.' }),
  sha256: Type.String({ description: 'Hex SHA-256 of the bytes as sent.' }),
  options: Type.Unsafe<Readonly<Record<string, string>>>({
    type: 'object',
    additionalProperties: { type: 'string' },
    description:
      'The options it was sent with, and what was answered since to questions about it, as texts. They hold for its imports unless these say otherwise.',
    examples: [{ dataset: 'customers', delimiter: ';' }],
  }),
  parentId: nullable(Id('Of mended rejects: the import they are of.')),
  createdAt: Instant('When it was sent.'),
  expiresAt: Instant('Until when it is kept.'),
  createdBy: CreatedBy,
};

export const UploadSchema = component('Upload', Type.Object(UPLOAD_MEMBERS));

export function toUpload(row: UploadRow): Static<typeof UploadSchema> {
  return {
    id: row.id,
    fileName: row.fileName,
    bytes: row.bytes,
    sha256: row.sha256,
    options: row.options,
    parentId: row.parentId,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    createdBy: row.createdBy,
  };
}
