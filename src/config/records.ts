// The API over the records of datasets.
import { integer, KIB, MIB } from './setting.ts';

export const RECORDS_SETTINGS = {
  queryTimeoutMs: integer(
    'SLUICE_QUERY_TIMEOUT_MS',
    10_000,
    { min: 10, max: 600_000 },
    'How long Postgres may work on one statement of a query over records with a filter, an order or a count. A longer one is stopped, and the answer says so.',
  ),
  recordsAtOnce: integer(
    'SLUICE_RECORDS_AT_ONCE',
    1000,
    { min: 1, max: 10_000 },
    'Most records in one request that creates some. Larger amounts are imported.',
  ),
  affectedAtOnce: integer(
    'SLUICE_AFFECTED_AT_ONCE',
    10_000,
    { min: 0, max: 100_000 },
    'A change or delete of all records of a filter whose `maxAffected` is larger is made by a task. 0: each is.',
  ),
  exportRecords: integer(
    'SLUICE_EXPORT_RECORDS',
    10_000_000,
    { min: 0, max: Number.MAX_SAFE_INTEGER },
    'Most records that an export streams, as Postgres estimates their number. A `GET` of more is refused; a `POST` to the same address has a task make the file. 0: there is no limit.',
  ),
  exportsAtOnce: integer(
    'SLUICE_EXPORTS_AT_ONCE',
    2,
    { min: 1, max: 100 },
    'How many exports are made by tasks at the same time, by all workers. Each holds a connection and a snapshot of Postgres.',
  ),
  recordsBodyBytes: integer(
    'SLUICE_RECORDS_BODY_BYTES',
    4 * MIB,
    { min: KIB, max: 64 * MIB },
    'Largest JSON body of a request that writes records or holds a query, in bytes.',
  ),
} as const;
