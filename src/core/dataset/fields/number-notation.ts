// Whether a file that writes 1.234,56 has been taken for one that writes 1,234.56, or the other way round: told by the file itself. A
// column of numbers whose notation nobody has said is read with a decimal point (Table Schema). Where it holds a number that only a
// decimal comma explains, none that only a point does, and one that is another number either way (1.234), then landing the latter would
// be a guess. So it is where the sender has said decimalChar=, of a column that shows decimal points and no decimal comma.
import { counted } from '../../counted.ts';
import { AppError, type ErrorItem } from '../../../errors.ts';
import { decodeCell, NOT_DIGIT, type CellPlaces } from '../../csv/records/cell-places.ts';
import { cutValue } from '../../imports/row-error.ts';
import { leavesNumbersOpen } from './notation.ts';
import type { Dataset, Field, FileColumn } from '../types.ts';

const MOST_SAMPLES = 3;

/** Forms of numbers without sign and text around them: of a decimal comma, of a decimal point, and of both. */
const COMMA =
  /^(?:[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|(?:0|[0-9]{4,}),[0-9]+|[0-9]*,(?:[0-9]{1,2}|[0-9]{4,})|[0-9]{1,3}(?:[ '’\u00a0\u2009\u202f][0-9]{3})+,[0-9]+)$/;
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
  /** The sender has said that it has a decimal comma. */
  readonly saysComma: boolean;
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
    const advice = first.saysComma
      ? 'Send decimalChar=. for a decimal point, and groupChar=, if commas are between its groups. If it has a decimal comma all the same, declare decimalChar in the dataset.'
      : 'Say which: decimalChar=, and groupChar=. for a decimal comma, or decimalChar=. for a decimal point.';
    throw new AppError(
      'NUMBER_NOTATION_AMBIGUOUS',
      `${problems[0]!.detail}${problems.length > 1 ? ` The same is true of ${counted(problems.length - 1, 'more column')}.` : ''} ${advice}`,
      {},
      { errors: problems },
    );
  }
}

/** None for a column whose field says how its numbers are written, or whose sender says that they have a decimal point. */
function openColumn(field: Field, { decimalChar, groupChar }: FileColumn, index: number): OpenColumn[] {
  if (field.type !== 'number' || !leavesNumbersOpen(field)) return [];
  const saysComma = decimalChar === ',';
  if (!saysComma && (decimalChar !== undefined || groupChar !== undefined)) return [];
  const isEither = (number: string): boolean =>
    saysComma
      ? EITHER_COMMA.test(number) || (groupChar === '.' && EITHER_POINT.test(number))
      : EITHER_POINT.test(number);
  const readsMoney = field.bareNumber === false && !saysComma;
  return [
    {
      index,
      saysComma,
      isEither,
      readsMoney,
      isSound: false,
      other: undefined,
      money: undefined,
      either: [],
    },
  ];
}

function note(column: OpenColumn, text: string, line: number): void {
  const whole = text.trim().replace(/^[+-]/, '');
  const number = IN_TEXT.exec(whole)?.[1] ?? whole;
  const comma = COMMA.test(number)
    ? 'a decimal comma'
    : DOTS.test(number)
      ? 'dots between its groups'
      : undefined;
  const point = [whole, number].some((form) => POINT.test(form)) ? 'a decimal point' : undefined;
  const sample = (): Sample => ({ line, value: cutValue(text) });
  const [sound, other] = column.saysComma
    ? [comma, point ?? (COMMAS.test(number) ? 'commas between its groups' : undefined)]
    : [point, comma];
  if (sound !== undefined) column.isSound = true;
  else if (other !== undefined) column.other ??= { ...sample(), has: other };
  else if (column.isEither(number)) {
    if (column.either.length < MOST_SAMPLES) column.either.push(sample());
    if (column.readsMoney && MONEY.test(whole)) column.money ??= sample();
  }
}

function describe({ index, saysComma, other, money, either }: OpenColumn, header: string): ErrorItem {
  const quote = ({ value, line }: Sample): string => `"${value}" (line ${line})`;
  const read = saysComma ? ', and is to be read with a decimal comma' : '';
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
