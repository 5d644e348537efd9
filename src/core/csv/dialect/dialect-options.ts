// What a client may call the parts of a dialect.
import { AppError } from '../../../errors.ts';
import {
  type DatabaseText,
  type Delimiter,
  type Dialect,
  type Escape,
  isEscapedText,
  type Quote,
} from '../types.ts';

const DELIMITER_NAMES = new Map<string, Delimiter>([
  ['comma', ','],
  ['semicolon', ';'],
  ['pipe', '|'],
  ['\\t', '\t'],
  ['tab', '\t'],
  ['space', ' '],
  ['colon', ':'],
]);

/** Visible ASCII that is neither letter, digit, quote nor backslash; or space, tab, or a control character but CR, LF and NUL. */
// oxlint-disable-next-line no-control-regex -- Hive writes \x01, others the ASCII separators
const DELIMITER_CHAR = /[\x01-\x09\x0b\x0c\x0e-\x1f !#-&(-/:-@[\]^_`{-~]/;
const DELIMITER = new RegExp(`^(${DELIMITER_CHAR.source})(?!\\1)${DELIMITER_CHAR.source}?$`);

/** One of these characters, or two that differ (`, `). @throws AppError INVALID_REQUEST */
export function parseDelimiter(option: string): Delimiter {
  const delimiter = DELIMITER_NAMES.get(option.trim().toLowerCase()) ?? option;
  if (!DELIMITER.test(delimiter))
    throw invalid(
      'delimiter',
      option,
      'one character such as , ; | : or tab, semicolon, space, or two that differ, such as a comma and a space; no letter, digit, quote or backslash',
    );
  return delimiter;
}

const QUOTES = new Map<string, Quote>([
  ['"', '"'],
  ['double', '"'],
  ["'", "'"],
  ['single', "'"],
  ['none', null],
  ['', null],
]);

/** @throws AppError INVALID_REQUEST */
export function parseQuote(option: string): Quote {
  const quote = QUOTES.get(option.trim().toLowerCase());
  if (quote === undefined) throw invalid('quote', option, `" or ' or none`);
  return quote;
}

/** `doubled` is whatever the quote is. */
export type EscapeChoice = 'doubled' | Escape;

const ESCAPES = new Map<string, EscapeChoice>([
  ['"', '"'],
  ["'", "'"],
  ['doubled', 'doubled'],
  ['', 'doubled'],
  ['\\', '\\'],
  ['backslash', '\\'],
]);

/** @throws AppError INVALID_REQUEST */
export function parseEscape(option: string): EscapeChoice {
  const escape = ESCAPES.get(option.trim().toLowerCase());
  if (escape === undefined)
    throw invalid('escape', option, `doubled (a quote in a quoted cell is written twice), or \\ or " or '`);
  return escape;
}

const COMMENT = /^[!#$%&*/;@^~|]$/;

/** @throws AppError INVALID_REQUEST */
export function parseComment(option: string): string | null {
  const comment = option.trim();
  if (comment === '' || comment === 'none') return null;
  if (!COMMENT.test(comment)) throw invalid('comment', option, 'one of ! # $ % & * / ; @ ^ ~ | or none');
  return comment;
}

/** What a sender said about the dialect. Undefined: to be detected; of `comment`: there are none. */
export interface GivenDialect {
  /** Null: the file is CSV, and a cell `\N` is text. */
  readonly databaseText: DatabaseText | null | undefined;
  readonly delimiter: Delimiter | undefined;
  readonly quote: Quote | undefined;
  readonly escape: EscapeChoice | undefined;
  readonly comment: string | null;
  /** Undefined: asked for where the file shows blanks behind its delimiters. */
  readonly skipInitialSpace?: boolean | undefined;
}

const WHY_EXCLUDED: Readonly<Record<DatabaseText, string>> = {
  mysql: 'a backslash always escapes',
  'postgres-text': 'no cell is quoted, and a backslash always escapes',
  'postgres-csv': 'quotes tell an empty text from NULL',
};

/** @throws AppError INVALID_REQUEST where two parts of a dialect exclude each other */
export function checkTogether({ databaseText, delimiter, quote, escape, comment }: GivenDialect): void {
  const without = excludedBy(databaseText, { quote, escape });
  if (without !== undefined)
    throw new AppError(
      'INVALID_REQUEST',
      `With "dialect" ${databaseText}, "${without}" has no effect: ${WHY_EXCLUDED[databaseText!]}. Leave one of them out.`,
      { option: without },
    );
  if (comment !== null && delimiter?.includes(comment))
    throw new AppError(
      'INVALID_REQUEST',
      `"comment" and "delimiter" are both ${JSON.stringify(comment)}. Then Sluice cannot distinguish a comment from a record. Change one of them.`,
      { option: 'comment' },
    );
  if (quote === null && escape === '\\' && (databaseText ?? null) === null)
    throw new AppError(
      'INVALID_REQUEST',
      'With "quote" none there are no quoted cells, so "escape" has no effect. Leave one of them out.',
      { option: 'escape' },
    );
}

function excludedBy(
  databaseText: DatabaseText | null | undefined,
  { quote, escape }: Pick<GivenDialect, 'quote' | 'escape'>,
): 'quote' | 'escape' | undefined {
  if (databaseText === 'postgres-csv') return quote === null ? 'quote' : undefined;
  if (!isEscapedText(databaseText)) return undefined;
  if (escape !== undefined && escape !== '\\') return 'escape';
  return databaseText === 'postgres-text' && quote !== undefined && quote !== null ? 'quote' : undefined;
}

export function escapeOf(quote: Quote, choice: EscapeChoice): Escape | undefined {
  if (quote === null) return undefined;
  return choice === 'doubled' ? quote : choice;
}

/** A dialect with each part said. */
export function fullDialect({ delimiter, quote, escape, comment = null, databaseText = null }: Dialect): {
  delimiter: Delimiter;
  quote: Quote;
  escape: Escape | null;
  comment: string | null;
  databaseText: DatabaseText | null;
} {
  if (isEscapedText(databaseText))
    return { delimiter, quote: quote ?? null, escape: '\\', comment, databaseText };
  const said = quote === undefined ? '"' : quote;
  return { delimiter, quote: said, escape: said === null ? null : (escape ?? said), comment, databaseText };
}

function invalid(option: string, value: string, allowed: string): AppError {
  return new AppError(
    'INVALID_REQUEST',
    `The option "${option}" must be ${allowed}, not ${JSON.stringify(value.slice(0, 40))}.`,
    { option, parameter: option },
  );
}
