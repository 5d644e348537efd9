// What of a file is taken, and the chunks it is loaded in.
import { GIB, integer, KIB, MIB } from './setting.ts';

export const LIMITS_SETTINGS = {
  maxUploadBytes: integer(
    'SLUICE_MAX_UPLOAD_BYTES',
    10 * GIB,
    { min: 1, max: 1024 * GIB },
    'Largest file, in bytes. A gzip or ZIP file may not inflate to more either.',
  ),
  keptUploads: integer(
    'SLUICE_KEPT_UPLOADS',
    100,
    { min: 0, max: 1_000_000 },
    'Most uploads of one user that are kept at the same time: files that were sent to be looked at, or that have raised a question. 0 keeps none.',
  ),
  keptUploadBytes: integer(
    'SLUICE_KEPT_UPLOAD_BYTES',
    50 * GIB,
    { min: 1, max: 1024 * 1024 * GIB },
    'Most bytes of one user’s kept uploads together.',
  ),
  inspectBytes: integer(
    'SLUICE_INSPECT_BYTES',
    4 * MIB,
    { min: 256 * KIB, max: 64 * MIB },
    'How much of a kept upload is looked at to tell its encoding, dialect and types: bytes of text from its beginning.',
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
    'How many times its size a gzip or ZIP file may inflate to. A file that inflates further, and beyond 8 MiB, is refused.',
  ),
  plansAhead: integer(
    'SLUICE_PLANS_AHEAD',
    4,
    { min: 0, max: 1024 },
    'How many large files one thread of the API cuts into chunks while they come in. Of others a worker reads the whole file once more for that. 0: of all.',
  ),
  workbookThreads: integer(
    'SLUICE_WORKBOOK_THREADS',
    1,
    { min: 1, max: 64 },
    'How many Excel workbooks the API reads at the same time, each in a thread of its own; others wait.',
  ),
  workbookStringBytes: integer(
    'SLUICE_WORKBOOK_STRING_BYTES',
    8 * MIB,
    { min: MIB, max: 16 * GIB },
    'Memory for the texts of an Excel workbook while it is read, in bytes; more of them go to the disk.',
  ),
  maxMergedRanges: integer(
    'SLUICE_MAX_MERGED_RANGES',
    1000,
    { min: 0, max: 100_000 },
    'How many merged ranges of cells a sheet of an Excel workbook may have.',
  ),
  maxUndecodableLines: integer(
    'SLUICE_MAX_UNDECODABLE_LINES',
    1000,
    { min: 0, max: 100_000 },
    'How many lines of a file may hold bytes that are no text in its encoding. Their records are rejected; a file with more such lines is refused.',
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
    'Most records in a file. An import with more fails before any record lands.',
  ),
  chunkBytes: integer(
    'SLUICE_CHUNK_BYTES',
    4 * MIB,
    { min: 64, max: 256 * MIB },
    'Most bytes of a file that one transaction loads, up to the next record end. The chunks of a file have about the same size.',
  ),
  chunkCells: integer(
    'SLUICE_CHUNK_CELLS',
    1_000_000,
    { min: 1000, max: 100_000_000 },
    'Most cells in a chunk, each record counting for ten more. Even if every cell is wrong, the errors then fit into a slot’s memory.',
  ),
  maxStoredErrors: integer(
    'SLUICE_MAX_STORED_ERRORS',
    10_000,
    { min: 0, max: 10_000_000 },
    'Row errors kept in Postgres for one import; counts and the reject file stay complete.',
  ),
} as const;
