// How the text of a sample is cut into cells, with a dataset or without one. A question does not end it: its likeliest answer is taken.
import { skipRecords } from '../../core/csv/dialect/below-header.ts';
import { detectDialect, type TableEvidence } from '../../core/csv/dialect/detect-dialect.ts';
import { parseDelimiter } from '../../core/csv/dialect/dialect-options.ts';
import { holdsRecords } from '../../core/csv/dialect/header.ts';
import { findTableBelow } from '../../core/csv/dialect/find-table.ts';
import { readHeaderRows } from '../../core/csv/dialect/header-rows.ts';
import { findLineEnd } from '../../core/csv/dialect/line-end.ts';
import { readPreamble, type Preamble } from '../../core/csv/dialect/preamble.ts';
import type { Dialect, FileDialect, SheetOfFile } from '../../core/csv/types.ts';
import { CELL_END, shownText } from '../../core/excel/sheet-cell.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { AppError } from '../../errors.ts';
import { HEAD_BYTES } from '../file-head.ts';
import { blankLinesOf, emptyRecordsOf, shapeOptions } from '../file-shape.ts';
import { isJsonLines, keysOf } from '../json-shape.ts';
import { tableEvidence } from '../match-columns.ts';
import { isQuestion } from '../questions.ts';
import type { LooseOptions } from '../upload-options.ts';
import type { InspectLimits } from './inspect-upload.ts';

export interface Layout {
  readonly dialect: FileDialect;
  readonly preamble: Preamble;
  /** Its lines, cut. */
  readonly preambleLines: readonly string[];
  /** Undefined: the file has none. */
  readonly header: readonly string[] | undefined;
  readonly dataStart: number;
  readonly dataLine: number;
  readonly questions: readonly AppError[];
}

const MOST_PREAMBLE_LINES = 20;
const LONGEST_LINE_CHARS = 200;

/**
 * @param sheet of a workbook, whose text it is
 * @throws AppError of the file kinds that are no question, such as FILE_EMPTY
 */
export function readLayout(
  head: Buffer,
  isWhole: boolean,
  options: LooseOptions,
  dataset: Dataset | undefined,
  limits: InspectLimits,
  sheet: SheetOfFile | undefined,
): Layout {
  const questions: AppError[] = [];
  /** Does it; a question about it is noted, and answered by `otherwise`. */
  function ask<T>(work: () => T, otherwise: (question: AppError) => T): T {
    try {
      return work();
    } catch (error) {
      if (!isQuestion(error)) throw error;
      questions.push(error);
      return otherwise(error);
    }
  }
  const first = head.subarray(0, HEAD_BYTES);
  const isAll = isWhole && head.length <= HEAD_BYTES;
  const preamble = ask(
    () => readPreamble(first, isAll, options),
    () => readPreamble(first, isAll, { ...options, delimiter: parseDelimiter('comma') }),
  );
  const body = head.subarray(preamble.endByte);
  if (!holdsRecords(body)) throw new AppError('FILE_EMPTY', 'The file holds no records.');
  const preambleLines = linesAbove(head.subarray(0, preamble.endByte));
  if (sheet === undefined && isJsonLines(options, body, isWhole))
    return { ...jsonLayout(body, isWhole, preamble), preambleLines, questions };
  const isOpen = dataset === undefined && sheet === undefined && options.header;
  const found = isOpen ? findTableBelow(body, isPlausible, preamble.delimiter) : undefined;
  if (found !== undefined) questions.push(headerBelow(preamble.endLine + found.linesAbove));
  const given = { ...options, delimiter: preamble.delimiter ?? found?.delimiter };
  const table = dataset === undefined ? anyTable(options.header) : tableEvidence(dataset, options, limits);
  const cut: Dialect =
    sheet === undefined
      ? ask(
          () => detectDialect(body, isWhole, given, table),
          ({ params }) => likeliest((params['candidates'] as readonly Dialect[])[0]!),
        )
      : { delimiter: CELL_END };
  const dialect: FileDialect = {
    ...cut,
    ...(sheet === undefined ? {} : { sheet }),
    header: options.header,
    skipLines: preamble.endLine - 1,
    ...shapeOptions(options),
    ...(sheet === undefined ? emptyRecordsOf(options, cut) : {}),
    lineEnd: findLineEnd(body, cut),
  };
  const { headerRows, skipAfterHeader } = options;
  const cells = { rows: headerRows, read: sheet === undefined ? (cell: string) => cell : shownText };
  const header = options.header ? readHeaderRows(head, isWhole, dialect, limits, preamble, cells) : undefined;
  const below = header === undefined ? preamble : skipRecords(head, header, skipAfterHeader ?? 0, dialect);
  return {
    dialect: { ...dialect, ...(header !== undefined && blankLinesOf(cut, header.cells.length)) },
    preamble,
    preambleLines,
    header: header?.cells,
    dataStart: below.endByte,
    dataLine: below.endLine,
    questions,
  };
}

/** Each value is shown as it is written. @throws AppError FILE_NDJSON, FILE_EMPTY */
function jsonLayout(
  body: Buffer,
  isWhole: boolean,
  preamble: Preamble,
): Omit<Layout, 'preambleLines' | 'questions'> {
  const header = keysOf(body, isWhole, preamble.endLine);
  const keys = header.map((name) => ({ name, takesNested: true }));
  return {
    dialect: {
      delimiter: ',',
      quote: null,
      header: false,
      skipLines: preamble.endLine - 1,
      json: { keys, ignoresOthers: true },
    },
    preamble,
    header,
    dataStart: preamble.endByte,
    dataLine: preamble.endLine,
  };
}

/** Of a candidate, the dialect. */
function likeliest({ delimiter, quote, escape, comment, databaseText }: Dialect): Dialect {
  return {
    delimiter,
    ...(quote === undefined ? {} : { quote }),
    ...(escape ? { escape } : {}),
    ...(comment === undefined ? {} : { comment }),
    ...(databaseText ? { databaseText } : {}),
  };
}

/** Without a dataset: a header whose names all differ, or a first record, of more than one cell. */
function anyTable(hasHeader: boolean): TableEvidence {
  return {
    columns: 0,
    knows: () => true,
    takesNullSign: false,
    isAny: true,
    fits: hasHeader ? isPlausible : (record) => record.length > 1,
  };
}

function headerBelow(line: number): AppError {
  return new AppError(
    'HEADER_MISMATCH',
    `Line ${line} looks like the header: send skipLines=${line - 1}, or a dataset to say which line it is.`,
    { headerLine: line },
  );
}

function isPlausible(header: readonly string[]): boolean {
  const names = header.map((cell) => cell.trim().toLowerCase());
  return names.length > 1 && !names.includes('') && new Set(names).size === names.length;
}

function linesAbove(bytes: Buffer): string[] {
  if (bytes.length === 0) return [];
  const lines = bytes.toString().split(/\r\n|\r|\n/);
  return lines
    .slice(0, Math.min(lines.length - 1, MOST_PREAMBLE_LINES))
    .map((line) => line.slice(0, LONGEST_LINE_CHARS));
}
