// How a file is cut into cells and which fields its columns feed, read from its first bytes.
import { setImmediate as breathe } from 'node:timers/promises';
import { askAboutFirstRecords, skipRecords } from '../core/csv/dialect/below-header.ts';
import { detectDialect } from '../core/csv/dialect/detect-dialect.ts';
import { holdsRecords, type Header, type HeaderLimits } from '../core/csv/dialect/header.ts';
import { readHeaderRows } from '../core/csv/dialect/header-rows.ts';
import { hintAtHeader } from '../core/csv/dialect/hint-at-header.ts';
import { findLineEnd } from '../core/csv/dialect/line-end.ts';
import {
  askAboutBlanks,
  askAboutBlanksBeforeQuotes,
  emptyColumnsOf,
  requireOneDelimiter,
  requireWidth,
} from '../core/csv/dialect/doubts.ts';
import { askAboutPadding } from '../core/csv/dialect/padded-cells.ts';
import type { Preamble } from '../core/csv/dialect/preamble.ts';
import { mayHaveEmptyRecords } from '../core/csv/records/empty-record.ts';
import { surveyRecords, type Survey } from '../core/csv/dialect/survey.ts';
import type { TableEvidence } from '../core/csv/dialect/detect-dialect.ts';
import { CELL_END, shownText } from '../core/excel/sheet-cell.ts';
import { type Dialect, type FileDialect, isFromPostgres, tellsNull } from '../core/csv/types.ts';
import { takesOffBlanks } from '../core/dataset/fields/notation.ts';
import type { Dataset, FileColumn } from '../core/dataset/types.ts';
import { ROW_COLUMN } from '../core/imports/rejects.ts';
import { unguard } from '../core/imports/spreadsheet-guard.ts';
import { AppError } from '../errors.ts';
import { isJsonLines, readJsonShape } from './json-shape.ts';
import {
  columnsWithoutHeader,
  matchColumns,
  otherNamesOf,
  tableEvidence,
  type FindMapping,
  type MatchedColumns,
} from './match-columns.ts';
import type { OpenSheet } from './excel/open-sheet.ts';
import { wrong } from './options/option.ts';
import type { RetryParent, UploadOptions } from './upload-options.ts';

export interface FileShape extends MatchedColumns {
  readonly dialect: FileDialect;
  /** Without one: the place where it would end. */
  readonly header: Pick<Header, 'endByte' | 'endLine'>;
}

/** @param isWhole the head is all of the file */
export type ReadShape = (head: Buffer, isWhole: boolean, preamble: Preamble) => Promise<FileShape>;

/**
 * @param sheet whose text the file is, if it was a workbook
 * @throws AppError of the file kinds (errors.ts) for a head that does not fit the dataset
 */
export async function readShape(
  head: Buffer,
  isWhole: boolean,
  preamble: Preamble,
  dataset: Dataset,
  options: UploadOptions,
  limits: HeaderLimits,
  findMapping: FindMapping,
  sheet?: OpenSheet,
): Promise<FileShape> {
  if (sheet === undefined && options.sheet !== undefined)
    throw wrong('sheet', 'names a sheet, and the file is no workbook. Leave it out');
  if (!holdsRecords(head.subarray(preamble.endByte)) && !(isWhole && options.header))
    throw new AppError(
      'FILE_EMPTY',
      isWhole ? 'The file holds no records.' : `The file begins with ${head.length} bytes of blank lines.`,
    );
  if (!options.header && options.retryOf !== undefined) requireRowColumn([], options.retryOf);
  const body = head.subarray(preamble.endByte);
  const isJson = sheet === undefined && isJsonLines(options, body, isWhole);
  requireOneHeader(options, isJson);
  if (isJson) return readJsonShape(head, isWhole, preamble, dataset, options, limits, findMapping);
  const table = tableEvidence(dataset, options, limits);
  const nulls = nullsOfRejects(options);
  const cut: Dialect =
    sheet === undefined
      ? {
          ...detectDialect(body, isWhole, { ...options, ...nulls, delimiter: preamble.delimiter }, table),
          ...nulls,
        }
      : { delimiter: CELL_END, databaseText: null, ...nulls };
  const dialect = {
    ...cut,
    header: options.header,
    skipLines: preamble.endLine - 1,
    // A table of a database has no totals.
    ...(isFromPostgres(cut.databaseText) ? { skipFooter: 0 } : {}),
    ...shapeOptions(options),
    ...(sheet === undefined ? emptyRecordsOf(options, cut) : {}),
    lineEnd: findLineEnd(body, cut),
  };
  const { headerRows, skipAfterHeader } = options;
  const mayHaveBlanks =
    options.notation.trim === undefined && sheet === undefined && (cut.databaseText ?? null) === null;
  const ask = (cells: readonly string[], survey: Survey, columns: readonly FileColumn[]): void => {
    if (options.skipInitialSpace === undefined && mayHaveBlanks)
      askAboutBlanks(cells, survey, (column) => keepsBlanks(dataset, columns[column]), dialect);
  };
  if (!options.header) {
    const found = columnsWithoutHeader(dataset, options, limits);
    ask([], surveyRecords(body, isWhole, dialect), found.columns);
    return {
      dialect: {
        ...dialect,
        ...blankLinesOf(cut, found.columns.length),
        ...otherNamesOf(dataset, found.columns),
      },
      header: preamble,
      ...found,
    };
  }
  // Each of these takes some tens of milliseconds for the widest header; other requests are not kept waiting for all of them.
  await breathe();
  const header = readHeaderRows(head, isWhole, dialect, limits, preamble, {
    rows: headerRows,
    read: sheet === undefined ? (cell) => cell : shownText,
  });
  if (options.retryOf !== undefined) requireRowColumn(header.cells, options.retryOf);
  const isRejectFile = header.cells.includes(ROW_COLUMN);
  const cells = isRejectFile ? header.cells.map(unguard) : header.cells;
  const data = skipRecords(head, header, skipAfterHeader ?? 0, dialect);
  const records = head.subarray(data.endByte);
  const survey = surveyRecords(records, isWhole, dialect);
  const emptyColumns = emptyColumnsOf(cells, survey);
  try {
    const matched = await matchColumns(dataset, cells, { ...options, emptyColumns }, findMapping);
    const headed = { cells: header.cells, line: header.endLine - 1 };
    if (!isRejectFile && sheet === undefined) {
      if (options.skipInitialSpace === undefined && mayHaveBlanks)
        askAboutBlanksBeforeQuotes(header.cells, survey, records, isWhole, dialect);
      requireWidth(headed, survey);
      if (options.delimiter === undefined) requireOneDelimiter(headed, survey, records, isWhole, dialect);
      if (skipAfterHeader === undefined)
        askAboutFirstRecords(
          records,
          cells,
          (column) => takesText(dataset, matched.columns[column]),
          dialect,
        );
    }
    ask(header.cells, survey, matched.columns);
    if (!isRejectFile && mayHaveBlanks)
      askAboutPadding(
        header.cells,
        records,
        isWhole,
        (column) => keepsBlanks(dataset, matched.columns[column]),
        dialect,
      );
    return {
      dialect: {
        ...dialect,
        ...blankLinesOf(cut, cells.length),
        ...(emptyColumns.length > 0 && { emptyColumns }),
        ...otherNamesOf(dataset, matched.columns),
      },
      header: data,
      ...matched,
    };
  } catch (error) {
    await breathe();
    throw options.mapping === undefined && headerRows === 1
      ? hintAtHeader(error, body, header, sheet === undefined ? table : evidenceOfSheet(table), preamble)
      : error;
  }
}

/** @throws AppError INVALID_REQUEST when a header is to be left out that the file cannot have */
function requireOneHeader({ repeatedHeader, header, headerRows }: UploadOptions, isJson: boolean): void {
  if (repeatedHeader !== 'skip') return;
  if (isJson) throw wrong('repeatedHeader', 'is for files with a header, and the file is JSON. Leave it out');
  if (!header)
    throw wrong(
      'repeatedHeader',
      'skips a header, and header=false says that there is none. Send one of the two',
    );
  if (headerRows > 1)
    throw wrong(
      'repeatedHeader',
      `skips a header of one record, and headerRows=${headerRows} says that it has more. Remove the headers of later pages from the file`,
    );
}

/** How mended rejects tell NULL from the empty text, unless their sender says: as the file did that they are of, but as CSV. */
function nullsOfRejects({
  databaseText,
  retryOf,
}: Pick<UploadOptions, 'databaseText' | 'retryOf'>): Pick<Dialect, 'databaseText' | 'emptyCells'> {
  if (databaseText !== undefined || retryOf === undefined) return {};
  const { dialect } = retryOf;
  if (isFromPostgres(dialect.databaseText)) return { databaseText: 'postgres-csv' };
  // A cell `\N` is none of a database any more.
  if (dialect.json !== undefined || dialect.emptyCells === 'json')
    return { databaseText: null, emptyCells: 'json' };
  if (tellsNull(dialect)) return { databaseText: null, emptyCells: 'null' };
  return dialect.databaseText === null ? { databaseText: null } : {};
}

/** Postgres writes a NULL in a table of one column as a blank line, and reads it so. */
export function blankLinesOf(
  { databaseText, comment }: Dialect,
  columns: number,
): Pick<Dialect, 'blankLines'> {
  const areRecords = databaseText === 'postgres-csv' && columns === 1 && (comment ?? null) === null;
  return areRecords ? { blankLines: 'null' } : {};
}

/** Of a sheet, rows without a value are blank lines. */
export function emptyRecordsOf(
  { emptyRecords }: Pick<UploadOptions, 'emptyRecords'>,
  cut: Dialect,
): Pick<FileDialect, 'emptyRecords'> {
  return emptyRecords === 'skip' && mayHaveEmptyRecords(cut) ? { emptyRecords } : {};
}

type ShapeOptions = Pick<
  UploadOptions,
  'headerRows' | 'skipAfterHeader' | 'skipFooter' | 'repeatedHeader' | 'shortRecords'
>;

/** What the import keeps of how the sender says that the table is laid out. */
export function shapeOptions(options: ShapeOptions): Partial<FileDialect> {
  const { headerRows, skipAfterHeader, skipFooter, repeatedHeader, shortRecords } = options;
  return {
    ...(headerRows === 1 ? {} : { headerRows }),
    ...(skipAfterHeader === undefined ? {} : { skipAfterHeader }),
    ...(skipFooter === undefined ? {} : { skipFooter }),
    ...(repeatedHeader === 'skip' ? { repeatedHeader } : {}),
    ...(shortRecords === 'null' ? { shortRecords } : {}),
  };
}

/** Rows of a sheet are as wide as the widest of its first ones. */
function evidenceOfSheet({ fits, ...table }: TableEvidence): TableEvidence {
  if (fits === undefined) return { ...table, fits };
  return {
    ...table,
    fits: (cells) => {
      const shown = cells.flatMap((cell) => cell.split(CELL_END)).map(shownText);
      const first = shown.findIndex((cell) => cell !== '');
      return first !== -1 && fits(shown.slice(first, shown.findLastIndex((cell) => cell !== '') + 1));
    },
  };
}

function takesText({ schema }: Pick<Dataset, 'schema'>, column: FileColumn | undefined): boolean {
  const index = column?.fieldIndex ?? null;
  if (index === null) return true;
  const { type } = schema.fields[index]!;
  return type === 'string' || type === 'any';
}

/** Whether blanks at the ends of a column's cells are part of a text, or make a row error of another value. */
function keepsBlanks({ schema }: Dataset, column: FileColumn | undefined): boolean {
  const index = column?.fieldIndex ?? null;
  if (index === null) return false;
  const field = schema.fields[index]!;
  const { type, bareNumber = true, lenientValues = schema.lenientValues } = field;
  const isReadWithout = !bareNumber || type === 'object' || (type === 'boolean' && lenientValues === true);
  return !isReadWithout && !takesOffBlanks(field);
}

function requireRowColumn(header: readonly string[], { id }: RetryParent): void {
  if (!header.includes(ROW_COLUMN))
    throw new AppError(
      'RETRY_NO_ROW',
      `The file has no column "${ROW_COLUMN}", which says which rejects its records mend. Send /v1/imports/${id}/rejects.csv, corrected, with that column; a file of new records is an upload of its own.`,
      { missing: [ROW_COLUMN] },
    );
}
