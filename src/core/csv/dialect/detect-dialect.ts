// Which dialect a file's first bytes are written in. Nothing is guessed: a dialect is taken when its header fits the dataset or,
// without a header, when its records are as wide as they must be; when two do equally well, the sender is asked.
import Papa from 'papaparse';
import { AppError } from '../../../errors.ts';
import { escapeOf, type EscapeChoice, fullDialect, type GivenDialect } from './dialect-options.ts';
import { differingRecords } from './differing-record.ts';
import { readSample, type Sample } from './sample.ts';
import { askForDatabaseText } from './ask-for-database-text.ts';
import type { DatabaseText, Delimiter, Dialect, Quote } from '../types.ts';

/** Looked for first; the others only where none of these gives a header that fits. */
const COMMON: readonly Delimiter[] = [',', ';', '\t', '|'];
const RARE: readonly Delimiter[] = [' ', ':', '^', '~', '\x01', '\x1f'];
/** What may stand behind a delimiter and be part of it. */
const PADDINGS = [' ', '\t'];
/** A way to escape is taken when it leaves less than one of so many misfits, and not considered when it leaves nearly all. */
const CLEARLY = 4;

/** What is known of the file's table before it is read. */
export interface TableEvidence {
  /** Whether these header cells fit; undefined when the file has no header. */
  readonly fits: ((header: readonly string[]) => boolean) | undefined;
  /** Whether one of these is a column the dataset knows. */
  readonly knows: (header: readonly string[]) => boolean;
  /** `\N` is one of its missing values. */
  readonly takesNullSign: boolean;
  /** Of the dataset; without a header each record has so many cells. */
  readonly columns: number;
  /** There is no dataset: which header fits is not known for sure. */
  readonly isAny?: boolean;
}

/** A dialect, and how well it fits the file's first records. */
interface Candidate extends Sample {
  readonly dialect: Dialect;
  /** The header fits the dataset; without a header: some records have the width they must have. */
  readonly fits: boolean;
}

type Judge = (
  delimiter: Delimiter,
  quote?: Quote,
  escape?: EscapeChoice,
  /** Below a header that does not fit nothing is read: for a dialect that is only taken when its header fits. */
  mustFit?: 'must-fit',
) => Candidate;

/**
 * @param head the file from the header's line on, or the first record's
 * @param isWhole the head is all of the file; otherwise its last record is cut and not looked at
 * @throws AppError FILE_DIALECT with the candidates when more than one dialect fits equally well
 */
export function detectDialect(
  head: Buffer,
  isWhole: boolean,
  given: GivenDialect,
  table: TableEvidence,
): Dialect {
  const { databaseText } = given;
  if (databaseText !== undefined && databaseText !== null) return databaseDialect(databaseText, given);
  const judge: Judge = (
    delimiter,
    quote = given.quote ?? usualQuote(given),
    escape = given.escape ?? 'doubled',
    mustFit,
  ) => {
    const dialect = {
      ...dialectOf(delimiter, quote, escape, given.comment),
      ...(given.skipInitialSpace === true && { skipInitialSpace: true }),
    };
    const { fits } = table;
    let headerFits: boolean | undefined;
    const sample = readSample(
      head,
      isWhole,
      dialect,
      fits === undefined ? table.columns : undefined,
      (first, isSound) => {
        // Of a header that breaks off only the cells before are known.
        headerFits = fits === undefined ? undefined : isSound && fits(first);
        return headerFits !== false || mustFit === undefined;
      },
    );
    const isOne = headerFits ?? (fits === undefined && isMost(sample));
    // `'` that is around few cells or none would only make text of every `"`.
    const isQuote = quote !== "'" || given.quote === "'" || sample.showsQuotes;
    return { ...sample, dialect, fits: isOne && isQuote };
  };
  const cut =
    given.delimiter === undefined ? chooseDelimiter(head, table, given, judge) : judge(given.delimiter);
  const quoted = given.quote === undefined ? chooseQuote(cut, judge) : cut;
  const chosen = given.escape === undefined ? chooseEscape(head, quoted, judge) : quoted;
  if (databaseText === null) return { ...chosen.dialect, databaseText };
  if (!table.takesNullSign) askForDatabaseText(head, chosen);
  return chosen.dialect;
}

/** Tabs separate cells, commas where it is CSV, unless the sender says otherwise. */
function databaseDialect(
  databaseText: DatabaseText,
  { delimiter, quote, escape, comment }: GivenDialect,
): Dialect {
  if (databaseText === 'postgres-csv')
    return { ...dialectOf(delimiter ?? ',', quote ?? '"', escape ?? 'doubled', comment), databaseText };
  return { databaseText, delimiter: delimiter ?? '\t', quote: quote ?? null, comment };
}

/** Without a header: what a few records are as wide as by chance is no dialect. */
function isMost({ agreeing, bad }: Sample): boolean {
  return agreeing > 0 && agreeing >= bad;
}

function usualQuote({ quote }: GivenDialect): Quote {
  return quote === undefined ? '"' : quote;
}

function dialectOf(
  delimiter: Delimiter,
  quote: Quote,
  choice: EscapeChoice,
  comment: string | null,
): Dialect {
  const escape = escapeOf(quote, choice);
  return { delimiter, quote, ...(escape && { escape }), comment };
}

function chooseDelimiter(
  head: Buffer,
  { fits, isAny = false }: TableEvidence,
  given: GivenDialect,
  judge: Judge,
): Candidate {
  const tryOut = (delimiter: Delimiter, quote?: Quote): Candidate =>
    judge(delimiter, quote, undefined, 'must-fit');
  const likely = COMMON.map((delimiter) => tryOut(delimiter)).filter(({ fits }) => fits);
  const fitting = likely.filter(({ columns }) => columns > 1);
  if (fitting.length > 0)
    return given.skipInitialSpace === undefined ? withPadding(best(fitting), judge) : best(fitting);
  // No delimiter divides the header, and it fits as it is: one column.
  const [single] = likely;
  if (single !== undefined) return single;
  const others = [
    ...RARE.map((delimiter) => tryOut(delimiter)),
    ...COMMON.flatMap((delimiter) => PADDINGS.map((padding) => tryOut(delimiter + padding))),
    ...(given.quote === undefined ? COMMON.map((delimiter) => tryOut(delimiter, "'")) : []),
  ].filter(({ fits }) => fits);
  const common = COMMON.map((delimiter) => judge(delimiter));
  // A name that is there twice, or empty, does not make a blank within another one a delimiter.
  const isDivided = isAny && common.some((each) => each.columns > 1 && isMost(each));
  if (others.length > 0 && !isDivided) return best(others);
  // How many records have the dataset's width by chance says nothing; how alike they are does.
  return fits !== undefined ? mostLikely(head, common) : asGuessed(head, common);
}

/** @throws AppError FILE_DIALECT */
function best(candidates: readonly Candidate[]): Candidate {
  const most = Math.max(...candidates.map(({ confidence }) => confidence));
  const [first, ...others] = candidates.filter(({ confidence }) => confidence === most);
  if (others.length > 0) throw unsure([first!, ...others]);
  return first!;
}

/** Spaces are text (RFC 4180), unless a quote behind them would be text too: `a, "b, c"` has the delimiter `, `. */
function withPadding(candidate: Candidate, judge: Judge): Candidate {
  const { delimiter, quote } = candidate.dialect;
  const padded = PADDINGS.filter((padding) => padding !== delimiter).map((padding) =>
    judge(delimiter + padding, quote ?? null, undefined, 'must-fit'),
  );
  return (
    padded.find(
      ({ fits, columns, agreeing, bad, quoted }) =>
        fits &&
        columns === candidate.columns &&
        agreeing > 0 &&
        (bad < candidate.bad || (bad === candidate.bad && quoted > candidate.quoted)),
    ) ?? candidate
  );
}

/**
 * None fits, which the sender is going to be told; what is said about the header should be said of its likeliest reading: one in
 * which it is well-formed. Of equals it is the one with more columns, then papaparse's guess.
 */
function mostLikely(head: Buffer, common: readonly Candidate[]): Candidate {
  const dividing = common.filter(({ columns }) => columns > 1);
  const sound = dividing.filter(({ firstIsSound }) => firstIsSound);
  const possible = sound.length > 0 ? sound : dividing;
  const most = Math.max(...possible.map(({ confidence }) => confidence));
  const agreeing = possible.filter(({ confidence }) => confidence === most);
  const widest = Math.max(...agreeing.map(({ columns }) => columns));
  const likely = agreeing.filter(({ columns }) => columns === widest);
  return likely.length > 1 ? asGuessed(head, likely) : (likely[0] ?? common[0]!);
}

function asGuessed(head: Buffer, candidates: readonly Candidate[]): Candidate {
  const guess = Papa.parse(head.toString(), { preview: 10 }).meta.delimiter;
  return candidates.find(({ dialect }) => dialect.delimiter === guess) ?? candidates[0]!;
}

/** Are `'` around cells quotes, or text? @throws AppError FILE_DIALECT when the cells do not say */
function chooseQuote(candidate: Candidate, judge: Judge): Candidate {
  const { delimiter, quote } = candidate.dialect;
  if (quote === "'" || candidate.quoted > 0) return candidate;
  const other = judge(delimiter, "'");
  if (other.fits && !candidate.fits) return other;
  if (other.quoted === 0) return candidate;
  const { gained, lost } = exchange(candidate, other);
  const isBetter = other.quotedDelimiters > 0 && other.bad < candidate.bad && gained > 0;
  if (isBetter && lost === 0) return other;
  if (lost === 0 ? other.hasQuotedColumn : isBetter && gained >= lost) throw unsure([candidate, other]);
  return candidate;
}

/**
 * Records that are sound in the other reading only, and in this one only. An apostrophe that begins a text (`'tis`) and one that ends
 * another, lines below, make one record of all between them: fewer are bad then, and yet the sound ones are lost.
 */
function exchange(candidate: Candidate, other: Candidate): { gained: number; lost: number } {
  const places = new Set(other.records.map(({ at }) => at));
  const kept = candidate.records.filter(({ at }) => places.has(at)).length;
  return { gained: other.agreeing - kept, lost: candidate.agreeing - kept };
}

/** Does another character before a quote make it text, or does the quote close the cell? @throws AppError FILE_DIALECT */
function chooseEscape(head: Buffer, candidate: Candidate, judge: Judge): Candidate {
  const { delimiter, quote } = candidate.dialect;
  if (quote === null || quote === undefined) return candidate;
  let chosen = candidate;
  for (const escape of ['\\', '"'] as const) {
    if (escape === quote || !head.includes(escape + quote)) continue;
    const other = judge(delimiter, quote, escape);
    if (other.bad * CLEARLY < chosen.bad) chosen = other;
    else if (chosen.bad * CLEARLY >= other.bad && (differ(chosen, other) || rescues(other, chosen)))
      throw unsure([chosen, other]);
  }
  return chosen;
}

/** A record that is sound in both readings has other cells in each. */
function differ(one: Candidate, other: Candidate): boolean {
  const cellsAt = new Map(one.records.map(({ at, cells }) => [at, cells]));
  return other.records.some(({ at, cells }) => {
    const mine = cellsAt.get(at)?.();
    if (mine === undefined) return false;
    const theirs = cells();
    return mine.some((cell, index) => cell !== theirs[index]);
  });
}

/** The other reading makes sense of a good part of what makes none in this one. */
function rescues(other: Candidate, chosen: Candidate): boolean {
  return other.bad * CLEARLY < chosen.bad * (CLEARLY - 1);
}

function unsure(candidates: readonly Candidate[]): AppError {
  const shown = differingRecords(candidates);
  const told = candidates.map(({ dialect, columns, confidence }, index) => ({
    ...fullDialect(dialect),
    columns,
    confidence: Math.round(confidence * 100) / 100,
    firstRecord: shown[index]!,
  }));
  const choices = candidates.map(({ dialect }) =>
    sayDialect(dialect, candidates[0]!.dialect, candidates[1]!.dialect),
  );
  return new AppError(
    'FILE_DIALECT',
    `The file can be read in ${candidates.length} ways, and nothing in it shows which is right. Send it again with ${choices.join(' or with ')}.`,
    { candidates: told },
  );
}

/** The part in which the candidates differ, as an option. */
function sayDialect(dialect: Dialect, one: Dialect, other: Dialect): string {
  if (one.delimiter !== other.delimiter)
    return `delimiter=${dialect.delimiter === '\t' ? 'tab' : JSON.stringify(dialect.delimiter)}`;
  if (one.quote !== other.quote) return `quote=${dialect.quote}`;
  return `escape=${dialect.escape === dialect.quote ? 'doubled' : dialect.escape}`;
}
