// Failures that are questions: the file is sound, and an option more lets it be read. They are the ones for which it is kept.
import { AppError, type ErrorCode } from '../errors.ts';
import type { RawUploadOptions } from './upload-options.ts';
import type { UploadOptionName } from './options/table.ts';

/** What to send to answer a question: options, and what the answer means, for people. */
export interface Answer {
  readonly send: Partial<Record<UploadOptionName, unknown>>;
  readonly means: string;
}

export interface Question {
  readonly code: ErrorCode;
  /** The option that answers it, in most cases. */
  readonly option: UploadOptionName;
  /** Likeliest first; empty when only a person knows. */
  readonly answers: readonly Answer[];
}

type Params = AppError['params'];

interface Kind {
  readonly option: UploadOptionName;
  /** @param error of that code @returns undefined when no option helps */
  readonly answers: (params: Params, error: AppError) => Answer[] | undefined;
}

const KINDS: Partial<Record<ErrorCode, Kind>> = {
  FILE_ENCODING: { option: 'encoding', answers: encodings },
  FILE_DIALECT: { option: 'delimiter', answers: dialects },
  FILE_ZIP: { option: 'entry', answers: entries },
  FILE_SHEET: { option: 'sheet', answers: sheets },
  FILE_DELIMITER: { option: 'delimiter', answers: () => [] },
  HEADER_MISMATCH: { option: 'mapping', answers: mappings },
  MAPPING_NOT_SAVED: { option: 'mapping', answers: () => [] },
  DATE_ORDER_AMBIGUOUS: { option: 'dateOrder', answers: dateOrders },
  NUMBER_NOTATION_AMBIGUOUS: { option: 'decimalChar', answers: notations },
};

/** Undefined: the failure is no question. */
export function questionOf(error: unknown): Question | undefined {
  if (!(error instanceof AppError)) return undefined;
  const kind = KINDS[error.code];
  const answers = kind?.answers(error.params, error);
  if (kind === undefined || answers === undefined) return undefined;
  return { code: error.code, option: firstOption(answers) ?? kind.option, answers };
}

export function isQuestion(error: unknown): error is AppError {
  return questionOf(error) !== undefined;
}

/** The problem of a question as a client sees it, with what answers it. */
export function asQuestion(
  error: AppError,
  more: Readonly<Record<string, unknown>> = {},
  advice = '',
): AppError {
  const question = questionOf(error);
  return new AppError(
    error.code,
    `${error.message} ${advice}`.trimEnd(),
    {
      ...error.params,
      ...(question === undefined ? {} : { option: question.option, answers: question.answers }),
      ...more,
    },
    { cause: error, ...(error.errors === undefined ? {} : { errors: error.errors }) },
  );
}

/** An answer as option texts. */
export function textsOf({ send }: Answer): RawUploadOptions {
  return Object.fromEntries(
    Object.entries(send).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

function firstOption([first]: readonly Answer[]): UploadOptionName | undefined {
  return first === undefined ? undefined : (Object.keys(first.send)[0] as UploadOptionName);
}

interface Candidate {
  /** Of the option `dialect`, where databases come into question. */
  readonly dialect?: string;
  readonly encoding?: string;
  readonly sample?: string;
  readonly delimiter?: string;
  readonly quote?: string | null;
  readonly escape?: string | null;
  readonly comment?: string | null;
  readonly skipInitialSpace?: boolean;
  readonly header?: boolean;
  readonly skipLines?: number;
  readonly skipAfterHeader?: number;
  readonly trim?: boolean;
  readonly firstRecord?: readonly (string | null)[];
}

function candidatesOf({ candidates }: Params): readonly Candidate[] {
  return (candidates ?? []) as readonly Candidate[];
}

/** None for text that is broken in the encoding that it says itself, or that cannot be taken in any. */
function encodings(params: Params): Answer[] | undefined {
  const { encoding: declared, likelyEncoding } = params;
  const candidates = candidatesOf(params).flatMap(({ encoding, sample }) => {
    if (encoding === undefined) return [];
    const label = encoding.toLowerCase();
    // Said once more it would be doubted once more.
    const insists = label === declared ? { forceEncoding: true } : {};
    return [{ send: { encoding: label, ...insists }, means: sample ?? encoding }];
  });
  if (candidates.length > 0) return candidates;
  // A BOM of another encoding than was declared.
  if (typeof declared === 'string' && typeof likelyEncoding === 'string')
    return [{ send: { encoding: likelyEncoding.toLowerCase() }, means: 'as its BOM says' }];
  return declared === undefined && params['candidates'] === undefined ? undefined : [];
}

/** None for an archive that cannot be read, or has no file. */
function entries(params: Params): Answer[] | undefined {
  const files = (params['files'] ?? []) as string[];
  if (files.length === 0) return undefined;
  const { joinable } = params;
  const all = {
    send: { entry: 'all' },
    means: `all ${String(joinable)} files as one table, in the order of their names`,
  };
  return [
    ...files.map((entry) => ({ send: { entry }, means: entry })),
    ...(joinable === undefined ? [] : [all]),
  ];
}

/** None for a workbook in which no sheet has a cell. */
function sheets(params: Params): Answer[] | undefined {
  const found = (params['candidates'] ?? []) as {
    options: Record<string, unknown>;
    header: readonly string[];
  }[];
  if (found.length > 0)
    return found.map(({ options, header }) => ({ send: options, means: header.join(' | ') }));
  const names = (params['sheets'] ?? []) as string[];
  return names.length === 0 ? undefined : names.map((sheet) => ({ send: { sheet }, means: sheet }));
}

/** Each says what tells it from the others. */
function dialects(params: Params): Answer[] {
  const candidates = candidatesOf(params);
  if (candidates.some(({ dialect }) => dialect !== undefined)) return candidates.map(databaseAnswer);
  const differing = PARTS.filter((part) => new Set(candidates.map((each) => partOf(each, part))).size > 1);
  return candidates.map((candidate) => ({
    send: Object.fromEntries(
      differing.flatMap((part) => {
        const said = partOf(candidate, part);
        return said === undefined ? [] : [[part, said]];
      }),
    ),
    means: (candidate.firstRecord ?? []).join(' | '),
  }));
}

function databaseAnswer(candidate: Candidate): Answer {
  const { dialect, quote, firstRecord = [] } = candidate;
  const isDatabase = dialect !== 'csv';
  return {
    send: {
      dialect,
      ...(isDatabase ? { delimiter: partOf(candidate, 'delimiter') } : {}),
      ...(isDatabase && typeof quote === 'string' ? { quote } : {}),
    },
    means: firstRecord.map((cell) => cell ?? 'NULL').join(' | '),
  };
}

const PARTS = [
  'delimiter',
  'quote',
  'escape',
  'comment',
  'skipInitialSpace',
  'header',
  'skipLines',
  'skipAfterHeader',
  'trim',
] as const;

/** As the option of that name takes it; undefined: the candidate says nothing of it. */
function partOf(candidate: Candidate, part: (typeof PARTS)[number]): string | number | boolean | undefined {
  switch (part) {
    case 'escape':
      return candidate.escape === '\\' ? 'backslash' : 'doubled';
    case 'delimiter':
      return DELIMITER_NAMES.get(candidate.delimiter ?? '') ?? candidate.delimiter;
    case 'quote':
    case 'comment':
      return candidate[part] ?? 'none';
    case 'skipInitialSpace':
    case 'header':
    case 'skipLines':
    case 'skipAfterHeader':
    case 'trim':
      return candidate[part];
  }
}

const DELIMITER_NAMES = new Map([
  ['\t', 'tab'],
  [' ', 'space'],
]);

function mappings(params: Params): Answer[] {
  const { savedMapping, suggestedMapping, headerLine, unknown, missing } = params;
  const answers: Answer[] = [];
  if (savedMapping !== undefined)
    answers.push({
      send: { mapping: 'saved' },
      means: 'the mapping that this header was imported with before',
    });
  if (typeof headerLine === 'number')
    answers.push({ send: { skipLines: headerLine - 1 }, means: `the header is on line ${headerLine}` });
  if (headerLine === null) answers.push({ send: { header: false }, means: 'the file has no header' });
  if (suggestedMapping !== undefined && feedsAll(suggestedMapping as ColumnMapping, params))
    answers.push({ send: { mapping: suggestedMapping }, means: 'columns and the fields that they feed' });
  if ((unknown as unknown[] | undefined)?.length && (missing as unknown[]).length === 0)
    answers.push({
      send: { unknownColumns: 'ignore' },
      means: 'the columns that no field fits are left out',
    });
  return answers;
}

type ColumnMapping = Readonly<Record<string, string | null>>;

/** A suggestion answers the question when no required field is left without a column. */
function feedsAll(mapping: ColumnMapping, { missing }: Params): boolean {
  const fed = new Set(Object.values(mapping));
  return (
    ((missing ?? []) as string[]).every((field) => fed.has(field)) && [...fed].some((field) => field !== null)
  );
}

function dateOrders(): Answer[] {
  return [
    { send: { dateOrder: 'dmy' }, means: 'the day first' },
    { send: { dateOrder: 'mdy' }, means: 'the month first' },
    { send: { dateOrder: 'ymd' }, means: 'neither: such dates are rejected' },
  ];
}

function notations(): Answer[] {
  return [
    { send: { decimalChar: ',', groupChar: '.' }, means: 'a decimal comma: 1.234 is one thousand and more' },
    { send: { decimalChar: '.' }, means: 'a decimal point, and no groups: 1.234 is a little more than one' },
    { send: { decimalChar: '.', groupChar: ',' }, means: 'a decimal point: 1,234 is one thousand and more' },
  ];
}
