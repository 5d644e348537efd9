import { randomFillSync } from 'node:crypto';
import { createUuidV7 } from '../../core/uuid.ts';

const newUuid = createUuidV7(randomFillSync);
export const newId = (): string => newUuid(Date.now());

/** Who writes; becomes `created_by` and `updated_by`. */
export type Writer = string | null;
