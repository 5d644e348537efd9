// Whether a file that writes 1.234,56 has been taken for one that writes 1,234.56, or the other way round: told by the file itself. A
// column of numbers whose notation nobody has said is read with a decimal point (Table Schema). Where it holds a number that only a
// decimal comma explains, none that only a point does, and one that is another number either way (1.234), then landing the latter would
// be a guess. So it is where the sender or the dataset says one notation of a column that shows only the other.
import { counted } from '../../counted.ts';
import { AppError, type ErrorItem } from '../../../errors.ts';
import { decodeCell, NOT_DIGIT, type CellPlaces } from '../../csv/records/cell-places.ts';
import { cutValue, HIDDEN_VALUE } from '../../imports/row-error.ts';
import { compileNormalize } from './normalize.ts';
import { leavesNumbersOpen } from './notation.ts';
import type { Dataset, Field, FileColumn } from '../types.ts';

const MOST_SAMPLES = 3;

/** Forms of numbers without sign and text around them: of a decimal comma, of a decimal point, and of both. */
const COMMA =
  /^(?:[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|(?:0|[0-9]{4,}),[0-9]+|[0-9]*,(?:[0-9]{1,2}|[0-9]{4,})|[0-9]{1,3}(?:[ '’\u00a0\u2009\u202f][0-9]{3})+,[0-9]+|[0-9]*,[0-9]+[eE][+-]?[0-9]+)$/;
const POINT =
  /^(?:[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+|(?:0|[0-9]{4,})\.[0-9]+|[0-9]*\.(?:[0-9]{1,2}|[0-9]{4,})|[0-9.]+[eE][+-]?[0-9]+|[0-9]{1,3}(?:[ '’\u00a0\u2009\u202f][0-9]{3})+\.[0-9]+)$/;
/** Two groups at least: the character between them is not the decimal one. */
const DOTS = /^[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}$/;
const COMMAS = /^[1-9][0-9]{0,2}(?:,[0-9]{3}){2,}$/;
const EITHER_POINT = /^[1-9][0-9]{0,2}\.[0-9]{3}$/;
const EITHER_COMMA = /^[1-9][0-9]{0,2},[0-9]{3}$/;

/** A number in a text without other digits. */
const IN_TEXT = /^[^0-9]*?([.,]?[0-9](?:[0-9.,'’ \u00a0\u2009\u202f]*[0-9])?)[^0-9]*$/u;
/** Money, of which three decimals are rare: hardly a Rp15.000 is fifteen rupiahs. */
const MONEY =
  /\p{Sc}|(?<!\p{L})(?:Rp|Rs|kr|Kč|Kc|zł|zl|Ft|lei|TL|Bs|руб|р|дин|грн|лв|đ|VND|IDR|EUR|USD|GBP|CHF|BRL|DKK|SEK|NOK|CLP|COP|ARS|PYG)(?!\p{L})/iu;

interface Sample {
  readonly line: number;
  readonly value: string;
}

interface OpenColumn {
  readonly index: number;
  /** Its values are not shown. */
  readonly isSensitive: boolean;
  /** Changes a cell before it is read. */
  readonly normalize: (text: string) => string;
  /** Who says how its numbers are written; undefined: nobody. */
  readonly saidBy: 'sender' | 'dataset' | undefined;
  /** The decimal character with which it is read is a comma. */
  readonly isComma: boolean;
  /** Commas may be between its groups. */
  readonly hasCommas: boolean;
  /** Which numbers are others with the other decimal character. */
  readonly isEither: (number: string) => boolean;
  /** It is read with a decimal point and takes currencies around its numbers. */
  readonly readsMoney: boolean;
  /** It holds a number that only the decimal character explains with which it is read. */
  isSound: boolean;
  /** A number that only the other one explains. */
  other: (Sample & { readonly has: string }) | undefined;
  /** An amount of money that may be either. */
  money: Sample | undefined;
  readonly either: Sample[];
}

/** Looks at records of a file until each open column has shown the decimal character it is read with, or to the end; then decides. */
export class NumberNotationProof {
  readonly #columns: readonly FileColumn[];
  #open: readonly OpenColumn[];

  constructor(dataset: Dataset, columns: readonly FileColumn[]) {
    this.#columns = columns;
    this.#open = columns.flatMap((column, index) => {
      const field = column.fieldIndex === null ? undefined : dataset.schema.fields[column.fieldIndex];
      return field === undefined ? [] : openColumn(field, column, index);
    });
  }

  /** Whether there is still anything to look for. */
  get isNeeded(): boolean {
    return this.#open.length > 0;
  }

  /** A record with too few or too many cells proves nothing: they may stand under the wrong headers. */
  look(bytes: Buffer, { count, starts, ends, marks }: CellPlaces, line: number): void {
    if (count !== this.#columns.length) return;
    let settled = false;
    for (const column of this.#open) {
      const { index } = column;
      if ((marks[index]! & NOT_DIGIT) === 0) continue;
      note(column, decodeCell(bytes, starts[index]!, ends[index]!, marks[index]!), line);
      settled ||= column.isSound;
    }
    if (settled) this.#open = this.#open.filter(({ isSound }) => !isSound);
  }

  /** @throws AppError NUMBER_NOTATION_AMBIGUOUS with an item for each column that looks like one with the other decimal character */
  decide(): void {
    const unclear = this.#open.filter(
      ({ other, money, either }) => money !== undefined || (other !== undefined && either.length > 0),
    );
    const [first] = unclear;
    if (first === undefined) return;
    const problems = unclear.map((column) => describe(column, this.#columns[column.index]!.header));
    const advice = adviceFor(first);
    throw new AppError(
      'NUMBER_NOTATION_AMBIGUOUS',
      `${problems[0]!.detail}${problems.length > 1 ? ` The same is true of ${counted(problems.length - 1, 'more column')}.` : ''} ${advice}`,
      {},
      { errors: problems },
    );
  }
}

function adviceFor({ saidBy, isComma }: OpenColumn): string {
  const other = isComma
    ? 'decimalChar=. for a decimal point, and groupChar=, if commas are between its groups'
    : 'decimalChar=, and groupChar=. for a decimal comma';
  const [character, name] = isComma ? [',', 'comma'] : ['.', 'point'];
  switch (saidBy) {
    case undefined:
      return 'Say which: decimalChar=, and groupChar=. for a decimal comma, or decimalChar=. for a decimal point.';
    case 'sender':
      return isComma
        ? `Send ${other}. If it has a decimal comma all the same, declare decimalChar in the dataset.`
        : `Send ${other}, or decimalChar=. as well if it has a decimal point all the same.`;
    case 'dataset':
      return `The dataset declares a decimal ${name}. Correct the file or the dataset; to read the file as declared, send decimalChar=${character} (or, for whole numbers, the declared groupChar).`;
  }
}

/** None for a column of which the sender says that it has a decimal point, or what its dataset declares as well. */
function openColumn(field: Field, column: FileColumn, index: number): OpenColumn[] {
  if (field.type !== 'number' && field.type !== 'integer') return [];
  const isWhole = field.type === 'integer';
  const isDeclared = !leavesNumbersOpen(field);
  const groups = [field.groupChar ?? column.groupChar ?? []].flat();
  const isSaid = column.decimalChar !== undefined || column.groupChar !== undefined;
  if (isDeclared ? isSaid : isWhole || column.decimalChar === '.') return [];
  const point = field.decimalChar ?? column.decimalChar ?? (isWhole && groups.includes('.') ? ',' : '.');
  if (point !== ',' && point !== '.') return [];
  const isComma = point === ',';
  const hasCommas = !isComma && groups.includes(',');
  const hasDots = isComma && groups.includes('.');
  if (isWhole && !hasCommas && !hasDots) return [];
  const isEither = (number: string): boolean =>
    (EITHER_COMMA.test(number) && (hasCommas || (isComma && !isWhole))) ||
    (EITHER_POINT.test(number) && (hasDots || (!isComma && !isWhole)));
  return [
    {
      index,
      isSensitive: field.sensitive === true,
      normalize: compileNormalize(field) ?? ((text) => text),
      saidBy: isDeclared ? 'dataset' : isSaid ? 'sender' : undefined,
      isComma,
      hasCommas,
      isEither,
      readsMoney: field.bareNumber === false && !isDeclared && !isSaid,
      isSound: false,
      other: undefined,
      money: undefined,
      either: [],
    },
  ];
}

function note(column: OpenColumn, text: string, line: number): void {
  const whole = column.normalize(text).trim().replace(/^[+-]/, '');
  const number = IN_TEXT.exec(whole)?.[1] ?? whole;
  const comma = [whole, number].some((form) => COMMA.test(form))
    ? 'a decimal comma'
    : DOTS.test(number)
      ? 'dots between its groups'
      : undefined;
  const point = [whole, number].some((form) => POINT.test(form)) ? 'a decimal point' : undefined;
  const sample = (): Sample => ({
    line,
    value: column.isSensitive ? HIDDEN_VALUE : cutValue(text),
  });
  const commas = COMMAS.test(number) ? 'commas between its groups' : undefined;
  const [sound, other] = column.isComma
    ? [comma, point ?? commas]
    : [point ?? (column.hasCommas ? commas : undefined), comma];
  if (sound !== undefined) column.isSound = true;
  else if (other !== undefined) column.other ??= { ...sample(), has: other };
  else if (column.isEither(number)) {
    if (column.either.length < MOST_SAMPLES) column.either.push(sample());
    if (column.readsMoney && MONEY.test(whole)) column.money ??= sample();
  }
}

function describe({ index, saidBy, isComma, other, money, either }: OpenColumn, header: string): ErrorItem {
  const quote = ({ value, line }: Sample): string => `"${value}" (line ${line})`;
  const read =
    saidBy === undefined ? '' : `, and is to be read with a decimal ${isComma ? 'comma' : 'point'}`;
  const detail =
    other === undefined
      ? `${quote(money!)}, an amount of money whose three digits behind the point may be a group or decimals, and nothing that shows which.`
      : `${quote(other)}, which has ${other.has}, and ${quote(either[0]!)}, which is one number with a decimal comma and another with a decimal point${read}.`;
  return {
    code: 'number-notation',
    column: { index: index + 1, name: header },
    detail: `Column ${index + 1} ("${header}") has ${detail}`,
    samples: [...(other === undefined ? [] : [{ line: other.line, value: other.value }]), ...either],
  };
}
