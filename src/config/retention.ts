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
    'Days after which the files of a finished import (upload, rejects) are removed. A dataset may say otherwise (`retention`), here and in the next two.',
  ),
  rowErrorRetentionDays: integer(
    'SLUICE_ROW_ERROR_RETENTION_DAYS',
    365,
    { min: 0, max: 36_500 },
    'Days after which the row errors of a finished import are removed from Postgres, with the values they quote; its counts stay. 0 keeps them.',
  ),
  taskRetentionDays: integer(
    'SLUICE_TASK_RETENTION_DAYS',
    0,
    { min: 0, max: 36_500 },
    'Days after which a finished task is removed, and with an import all that is known of it; the rows it has landed stay. Never before its files. 0 keeps them.',
  ),
  idempotencyKeyHours: integer(
    'SLUICE_IDEMPOTENCY_KEY_HOURS',
    24,
    { min: 24, max: 8760 },
    'How many hours an `Idempotency-Key` is kept. Until then, a request that is sent again gets the answer of the first one.',
  ),
  uploadHours: integer(
    'SLUICE_UPLOAD_HOURS',
    24,
    { min: 1, max: 8760 },
    'How many hours an upload is kept that was sent to be looked at, or that has raised a question.',
  ),
  exportHours: integer(
    'SLUICE_EXPORT_HOURS',
    24,
    { min: 1, max: 8760 },
    'How many hours the file of an export is kept that a task has made, unless its dataset says otherwise (`retention`).',
  ),
  dryRunHours: integer(
    'SLUICE_DRY_RUN_HOURS',
    24,
    { min: 1, max: 8760 },
    'How many hours the rows of a dry run are kept in staging tables. The commit compares them with the tables.',
  ),
  readCountDays: integer(
    'SLUICE_READ_COUNT_DAYS',
    365,
    { min: 0, max: 36_500 },
    'Days after its last read by itself that a record’s count of reads is forgotten. 0 keeps them.',
  ),
  auditRetentionDays: integer(
    'SLUICE_AUDIT_RETENTION_DAYS',
    365,
    { min: 0, max: 36_500 },
    'Days after which an entry of the audit log is removed. 0 keeps them.',
  ),
} as const;
