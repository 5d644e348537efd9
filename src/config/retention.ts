// How long something is kept.
import { integer } from './setting.ts';

export const RETENTION_SETTINGS = {
  resultTtlSeconds: integer(
    'SLUICE_RESULT_TTL_SECONDS',
    86_400,
    { min: 60, max: 31_536_000 },
    'How long Redis keeps a finished job and its result.',
  ),
  fileRetentionDays: integer(
    'SLUICE_FILE_RETENTION_DAYS',
    30,
    { min: 1, max: 3650 },
    'Days after which the files of a finished import (upload, rejects) are removed.',
  ),
  idempotencyKeyHours: integer(
    'SLUICE_IDEMPOTENCY_KEY_HOURS',
    24,
    { min: 24, max: 8760 },
    'Hours for which an upload sent again with its `Idempotency-Key` gets the answer of the first.',
  ),
  dryRunHours: integer(
    'SLUICE_DRY_RUN_HOURS',
    24,
    { min: 1, max: 8760 },
    'Hours for which the rows of a dry run are kept in staging tables, for the check at its commit.',
  ),
} as const;
