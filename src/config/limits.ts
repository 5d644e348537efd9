// What of a file is taken, and the chunks it is loaded in.
import { GIB, integer, KIB, MIB } from './setting.ts';

export const LIMITS_SETTINGS = {
  maxUploadBytes: integer(
    'SLUICE_MAX_UPLOAD_BYTES',
    10 * GIB,
    { min: 1, max: 1024 * GIB },
    'Largest file taken, in bytes; also of what a gzip or ZIP file inflates to.',
  ),
  smallFileBytes: integer(
    'SLUICE_SMALL_FILE_BYTES',
    16 * KIB,
    { min: 0, max: MIB },
    'A file of up to this many bytes of text is kept in Postgres instead of the storage, and plain inserts of such files are landed together; 0 keeps every file in the storage.',
  ),
  maxInflateRatio: integer(
    'SLUICE_MAX_INFLATE_RATIO',
    200,
    { min: 2, max: 10_000 },
    'A gzip or ZIP file that inflates to more than so many times its size is refused (judged beyond 8 MiB).',
  ),
  maxUndecodableLines: integer(
    'SLUICE_MAX_UNDECODABLE_LINES',
    1000,
    { min: 0, max: 100_000 },
    'A file with more lines that hold bytes which are no text in the encoding it was sent with is refused; up to so many, their records are rejected.',
  ),
  maxHeaderBytes: integer(
    'SLUICE_MAX_HEADER_BYTES',
    64 * KIB,
    { min: 64, max: MIB },
    'Longest header record, in bytes.',
  ),
  maxColumns: integer('SLUICE_MAX_COLUMNS', 1000, { min: 1, max: 16_000 }, 'Most columns in a file.'),
  maxCellBytes: integer(
    'SLUICE_MAX_CELL_BYTES',
    MIB,
    { min: 16, max: 256 * MIB },
    'Longest cell, in bytes; a longer one rejects its record.',
  ),
  maxRecordBytes: integer(
    'SLUICE_MAX_RECORD_BYTES',
    4 * MIB,
    { min: 64, max: 256 * MIB },
    'Longest record, in bytes; a longer one is rejected.',
  ),
  maxRows: integer(
    'SLUICE_MAX_ROWS',
    1_000_000_000,
    { min: 1, max: 1_000_000_000_000 },
    'Most records in a file; an import with more fails when they have been counted, before any lands.',
  ),
  chunkBytes: integer(
    'SLUICE_CHUNK_BYTES',
    4 * MIB,
    { min: 64, max: 256 * MIB },
    'Most bytes of a file loaded in one transaction (cut at the next record end); the chunks of a file are of about one size.',
  ),
  chunkCells: integer(
    'SLUICE_CHUNK_CELLS',
    1_000_000,
    { min: 1000, max: 100_000_000 },
    'A chunk also ends at so many cells, each record counting for ten more: so many that all of them may be wrong and still have room in a slot.',
  ),
  maxStoredErrors: integer(
    'SLUICE_MAX_STORED_ERRORS',
    10_000,
    { min: 0, max: 10_000_000 },
    'Row errors kept in Postgres for one import; counts and the reject file stay complete.',
  ),
} as const;
