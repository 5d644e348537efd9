// Whether a line of text below a blank line is the header of another table of texts. No value betrays it: it is known by how it is
// written, as the file's header is and as no record around it is. Each rule asks for several signs at once, for a line that was typed
// carelessly may show one of them.
import { foldHeader } from '../../dataset/header/mapping.ts';
import { looksLikeTotal } from '../dialect/totals.ts';
import { isNumberText } from './likeness.ts';

/** A record, or the line that may be a header, as read. */
export interface Line {
  readonly cells: readonly string[];
  /** Which of them are quoted. */
  readonly quoted: readonly boolean[];
}

/** The sound records around the line, nearest first. */
export interface Around {
  readonly above: readonly Line[];
  readonly below: readonly Line[];
}

/** Each table must have so many records at hand. */
const ENOUGH = 2;
/** Where some columns do not tell, so many records around the line show what is usual in the others. */
const MANY = 12;
const LONGEST_NAME = 40;

/** How a cell is written. `joined`: first_name, firstName. `uncased`: in a script without capitals. `other`: it has no letters. */
type Style = 'joined' | 'lower' | 'upper' | 'capital' | 'uncased' | 'other';

/** What stands for a value that is not there, and what has a mail address in it. */
const NO_NAME = /^(?:n\/?a|n\.a\.|nan|nil|null|none|unknown|missing|unbekannt|keine?|不明|なし)$|@/iu;

const JOINED = /^(?:\p{L}[\p{L}\p{N}]*(?:_[\p{L}\p{N}]+)+|\p{Ll}+(?:\p{Lu}[\p{Ll}\p{N}]+)+)$/u;

/** Whether no cell of the line can be a column's name, or a value around it is the same: a category, or a mark such as DNF, comes again. */
export function isOfValues(line: Line, { above, below }: Around): boolean {
  const hasValue = line.cells.some((cell) => NO_NAME.test(cell.trim()) || !/\p{L}/u.test(cell));
  return hasValue || occursIn(withoutTotals([...above, ...below]), line);
}

/** @param header the file's */
export function isHeaderOfTexts(line: Line, header: readonly string[], { above, below }: Around): boolean {
  const records = withoutTotals([...above, ...below]);
  const isShort = line.cells.every((cell) => cell.trim().length <= LONGEST_NAME);
  if (!isShort || above.length === 0 || below.length === 0) return false;
  const names = new Set(header.map(foldHeader));
  const own = line.cells.filter((cell) => names.has(foldHeader(cell))).length;
  if (own > 1) return true;
  const isWrittenAlike = isStyled(line, header);
  if (own === 1 && isWrittenAlike) return true;
  if (above.length < ENOUGH || below.length < ENOUGH) return false;
  if (hasLostQuotes(line, records)) return true;
  return isWrittenAlike && (changesKind(line, above, below) || isOfOtherStyle(line, records));
}

function withoutTotals(lines: readonly Line[]): Line[] {
  return lines.filter(({ cells }) => !looksLikeTotal(cells));
}

function occursIn(records: readonly Line[], { cells }: Line): boolean {
  const own = new Set(cells.map(foldHeader));
  return records.some((record) => record.cells.some((cell) => own.has(foldHeader(cell))));
}

/** Whether each cell is written as some name of the file's header. */
function isStyled(line: Line, header: readonly string[]): boolean {
  const styles = new Set(header.map(styleOf));
  if (styles.has('joined')) styles.add('lower');
  return line.cells.map(styleOf).every((style) => style !== 'other' && styles.has(style));
}

/** The records have quotes around every text, needed or not, and the line has none. */
function hasLostQuotes({ quoted }: Line, records: readonly Line[]): boolean {
  if (quoted.includes(true)) return false;
  const texts = records.flatMap((record) =>
    record.cells.flatMap((cell, column) =>
      cell === '' || isNumberText(cell.trim()) ? [] : { cell, isQuoted: record.quoted[column]! },
    ),
  );
  const chosen = texts.filter(({ cell }) => !/[\r\n"',;\t|]/.test(cell));
  return texts.every(({ isQuoted }) => isQuoted) && chosen.length * 2 >= records.length;
}

/**
 * In some column the records of one side, and only they, are all numbers, or mail addresses, or in a script without capitals. The
 * records of a group may differ from those of another so: the line must differ from those below it too.
 */
function changesKind({ cells }: Line, above: readonly Line[], below: readonly Line[]): boolean {
  const differs = cells.some((cell, column) =>
    below.every((record) => styleOf(record.cells[column]!) !== styleOf(cell)),
  );
  const change = (is: (cell: string) => boolean, column: number): boolean => {
    const count = (records: readonly Line[]): number =>
      records.filter((record) => is(record.cells[column]!.trim())).length;
    const [over, under] = [count(above), count(below)];
    return (over === 0 && under === below.length) || (under === 0 && over === above.length);
  };
  return differs && cells.some((cell, column) => KINDS.some((is) => !is(cell.trim()) && change(is, column)));
}

const KINDS = [
  isNumberText,
  (cell: string): boolean => cell.includes('@'),
  (cell: string): boolean => styleOf(cell) === 'uncased',
];

/** No record around the line is written as it is, in any column; or in two of them, where many records show it. */
function isOfOtherStyle({ cells }: Line, records: readonly Line[]): boolean {
  const telling = cells.filter((cell, column) => {
    const style = styleOf(cell);
    const filled = records.map((record) => record.cells[column]!).filter((other) => other.trim() !== '');
    return filled.length >= 2 * ENOUGH && filled.every((other) => styleOf(other) !== style);
  });
  return telling.length === cells.length || (telling.length > 1 && records.length >= MANY);
}

function styleOf(cell: string): Style {
  const text = cell.trim();
  if (JOINED.test(text)) return 'joined';
  const [first] = /\p{L}/u.exec(text) ?? [];
  if (first === undefined) return 'other';
  if (!/\p{Lu}|\p{Ll}/u.test(text)) return 'uncased';
  if (!/\p{Lu}/u.test(text)) return 'lower';
  if (!/\p{Ll}/u.test(text)) return 'upper';
  return 'capital';
}
