// Questions that a header and the records below it raise together: what would reject every record, or land each with a blank too many,
// is told when the file is sent.
import { AppError } from '../../../errors.ts';
import { fullDialect } from './dialect-options.ts';
import { surveyRecords, type Survey } from './survey.ts';
import type { Delimiter, Dialect } from '../types.ts';

const DELIMITERS: readonly Delimiter[] = [',', ';', '\t', '|'];
/** Fewer records show nothing. */
const MIN_RECORDS = 2;
/** Without a blank in the header. */
const MIN_PADDED = 3;
/** At most one in so many cells has no blank before it. */
const NEARLY_ALL = 20;

interface Headed {
  readonly cells: readonly string[];
  /** Of the header. */
  readonly line: number;
}

/** @throws AppError FILE_HEADER_SHORT when every record has more cells than the header */
export function requireWidth({ cells, line }: Headed, { records, width, filled }: Survey): void {
  if (records < MIN_RECORDS || width === undefined || width <= cells.length) return;
  const surplus = filled.slice(cells.length).every((count) => count === 0);
  throw new AppError(
    'FILE_HEADER_SHORT',
    `The header (line ${line}) has ${cells.length} cells, and each of the first ${records} records has ${width}. ${
      surplus
        ? 'The records end with a delimiter that the header lacks. Add it to the header, or remove it from the records.'
        : 'Give every column a name, also the first one: R leaves it out when it writes row names.'
    }`,
    { line, columns: cells.length, recordColumns: width },
  );
}

/**
 * One header line does not outweigh its records.
 * @param records the file below its header
 * @throws AppError FILE_DIALECT when another delimiter divides every record, and that of the header none
 */
export function requireOneDelimiter(
  { cells, line }: Headed,
  { records: count, width, first }: Survey,
  records: Buffer,
  isWhole: boolean,
  dialect: Dialect,
): void {
  if (cells.length === 1 || width !== 1 || count < MIN_RECORDS) return;
  for (const delimiter of DELIMITERS) {
    const other = { ...dialect, delimiter };
    const survey = surveyRecords(records, isWhole, other);
    if (survey.width === undefined || survey.width === 1) continue;
    const name = (said: Delimiter): string => (said === '\t' ? 'tab' : JSON.stringify(said));
    throw new AppError(
      'FILE_DIALECT',
      `The header (line ${line}) is divided by ${name(dialect.delimiter)}, and the first ${count} records by ${name(delimiter)}. Save the file with one delimiter. Or send it with delimiter=${name(delimiter)}, header=false and skipLines=${line}, if its columns are the fields of the dataset in order or a mapping names them.`,
      {
        candidates: [
          {
            ...fullDialect(other),
            confidence: 0.9,
            header: false,
            skipLines: line,
            columns: survey.width,
            firstRecord: survey.first,
          },
          { ...fullDialect(dialect), confidence: 0.1, columns: cells.length, firstRecord: first },
        ],
      },
    );
  }
}

/**
 * Are blanks before cells part of them? Asked when nearly every cell behind a delimiter has one, or the header and nearly every record
 * begin with one.
 * @param header its cells; none: the file has none
 * @param keeps whether a column keeps a blank at the beginning of its cells
 * @throws AppError FILE_DIALECT
 */
export function askAboutBlanks(
  header: readonly string[],
  survey: Survey,
  keeps: (column: number) => boolean,
  dialect: Dialect,
): void {
  const { first, filled } = survey;
  const behind = filled.map((_, column) => column).slice(1);
  const areBehind = arePadded(survey, behind, keeps, header.slice(1).some(beginsWithBlank) ? 1 : MIN_PADDED);
  const areIndented = beginsWithBlank(header[0] ?? '') && arePadded(survey, [0], keeps, 1);
  if (!areBehind && !areIndented) return;
  const place = areBehind ? BEHIND_DELIMITERS : 'The lines of this file begin with a blank.';
  throw blanksAsked(
    place,
    dialect,
    first,
    first.map((cell) => cell.replace(/^ +/, '')),
  );
}

const BEHIND_DELIMITERS = 'A blank follows the delimiters of this file.';

/**
 * A quote behind a blank opens no cell, so a delimiter between such quotes makes records wider than the header. Asked when without the
 * blanks they are as wide as it.
 * @param records the file below its header
 * @throws AppError FILE_DIALECT
 */
export function askAboutBlanksBeforeQuotes(
  header: readonly string[],
  { width, first }: Survey,
  records: Buffer,
  isWhole: boolean,
  dialect: Dialect,
): void {
  if (width === undefined || width <= header.length) return;
  const without = surveyRecords(records, isWhole, { ...dialect, skipInitialSpace: true });
  if (without.records >= MIN_RECORDS && without.width === header.length)
    throw blanksAsked(BEHIND_DELIMITERS, dialect, first, without.first);
}

/** @param first cells of the first record, with blanks @param bare and without them */
function blanksAsked(
  place: string,
  dialect: Dialect,
  first: readonly string[],
  bare: readonly string[],
): AppError {
  return new AppError(
    'FILE_DIALECT',
    `${place} Send it with skipInitialSpace=true to leave the blanks out, or with skipInitialSpace=false if they are part of the cells.`,
    {
      candidates: [true, false].map((skipInitialSpace) => {
        const firstRecord = skipInitialSpace ? bare : first;
        return {
          ...fullDialect(dialect),
          skipInitialSpace,
          confidence: 0.5,
          columns: firstRecord.length,
          firstRecord,
        };
      }),
    },
  );
}

/** Whether nearly all cells of these columns that are not empty begin with a blank, and one of the columns keeps it. */
function arePadded(
  { records, padded, filled }: Survey,
  columns: readonly number[],
  keeps: (column: number) => boolean,
  fewest: number,
): boolean {
  const sum = (counts: readonly number[]): number =>
    columns.reduce((all, column) => all + (counts[column] ?? 0), 0);
  const all = sum(filled);
  return (
    records >= fewest &&
    columns.some((column) => (padded[column] ?? 0) > 0 && keeps(column)) &&
    (all - sum(padded)) * NEARLY_ALL <= all
  );
}

function beginsWithBlank(cell: string): boolean {
  return cell.startsWith(' ');
}

/** Columns (from 0) without a name whose cells are all empty: a delimiter ends each line. */
export function emptyColumnsOf(header: readonly string[], { records, filled }: Survey): number[] {
  if (records === 0) return [];
  return header.flatMap((cell, column) => (cell.trim() === '' && (filled[column] ?? 0) === 0 ? column : []));
}
