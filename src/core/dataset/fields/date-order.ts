// Whether a file writes 1 February as 01/02 or 02/01, told by the file itself: a column that holds 31/12 has its day first.
// A column in which every such date could be either is never guessed at, and one that proves both is not taken either.
import { counted } from '../../counted.ts';
import { AppError, type ErrorItem } from '../../../errors.ts';
import { decodeCell, DOUBLED, type CellPlaces } from '../../csv/records/cell-places.ts';
import { cutValue, HIDDEN_VALUE } from '../../imports/row-error.ts';
import { compileField, type FieldReader } from './compile-field.ts';
import { asWritten, leavesDateOrderOpen } from './notation.ts';
import type { Dataset, DateOrder, Field, FileColumn } from '../types.ts';

const MOST_SAMPLES = 3;

/** One cell, read with the day first and with the month first; null: it is no date that way. */
interface Sample {
  readonly line: number;
  readonly value: string;
  readonly dmy: string | null;
  readonly mdy: string | null;
}

interface OpenColumn {
  readonly index: number;
  /** Its values are not shown. */
  readonly isSensitive: boolean;
  readonly yearFirst: FieldReader;
  readonly dayFirst: FieldReader;
  readonly monthFirst: FieldReader;
  /** Dates that are one thing only. */
  readonly proofs: { dmy?: Sample; mdy?: Sample };
  readonly ambiguous: Sample[];
  /** Dates such as 05/05/2024 that are the same both ways. */
  hasSame: boolean;
}

/** Looks at every record of a file, then decides the order of each column that its field leaves open. */
export class DateOrderProof {
  readonly #columns: readonly FileColumn[];
  readonly #open: readonly OpenColumn[];

  constructor(dataset: Dataset, columns: readonly FileColumn[]) {
    this.#columns = columns;
    this.#open = columns.flatMap(({ fieldIndex, dateOrder, trim }, index) => {
      const field = fieldIndex === null ? undefined : dataset.schema.fields[fieldIndex];
      return field !== undefined && dateOrder === undefined && leavesDateOrderOpen(field)
        ? openColumn(dataset, trim === undefined ? field : asWritten(field, { trim }), index)
        : [];
    });
  }

  /** Whether there is anything to look for. */
  get isNeeded(): boolean {
    return this.#open.length > 0;
  }

  /** A record with too few or too many cells proves nothing: they may stand under the wrong headers. */
  look(bytes: Buffer, { count, starts, ends, marks }: CellPlaces, line: number): void {
    if (count !== this.#columns.length) return;
    for (const column of this.#open) {
      const [start, end, mark] = [starts[column.index]!, ends[column.index]!, marks[column.index]!];
      if (start === end) continue;
      const isPlain = (mark & DOUBLED) === 0;
      if (isPlain && column.yearFirst.takes?.(bytes, start, end, mark) === true) continue;
      note(column, decodeCell(bytes, start, end, mark), line);
    }
  }

  /** @throws AppError DATE_ORDER_AMBIGUOUS with an item for each column whose order the file leaves open, or proves both ways */
  decide(): FileColumn[] {
    const orders = new Map<number, DateOrder>();
    const problems: ErrorItem[] = [];
    for (const column of this.#open) {
      const { dmy, mdy } = column.proofs;
      const isAmbiguous = dmy === undefined && mdy === undefined && column.ambiguous.length > 0;
      if (isAmbiguous || (dmy !== undefined && mdy !== undefined))
        problems.push(describe(column, this.#columns[column.index]!.header));
      else if (mdy !== undefined) orders.set(column.index, 'mdy');
      else if (dmy !== undefined || column.hasSame) orders.set(column.index, 'dmy');
    }
    if (problems.length > 0) throw ambiguous(problems);
    return this.#columns.map((column, index) => {
      const dateOrder = orders.get(index);
      return dateOrder === undefined ? column : { ...column, dateOrder };
    });
  }
}

function openColumn(dataset: Dataset, field: Field, index: number): OpenColumn {
  // A date that the dataset does not want is a date all the same, and so is a time that the clocks of its zone skipped.
  // A year of two digits proves nothing: what stands for it may be the day.
  const { constraints: _constraints, pivotYear: _pivotYear, ...rest } = field;
  const free: Field = field.type === 'datetime' ? { ...rest, timeZone: 'UTC' } : rest;
  const reader = (dateOrder: DateOrder): FieldReader =>
    compileField({ ...free, dateOrder }, { ...dataset.schema, primaryKey: [] });
  return {
    index,
    isSensitive: field.sensitive === true,
    yearFirst: reader('ymd'),
    dayFirst: reader('dmy'),
    monthFirst: reader('mdy'),
    proofs: {},
    ambiguous: [],
    hasSame: false,
  };
}

function note(column: OpenColumn, text: string, line: number): void {
  const dmy = column.dayFirst.read(text) ?? null;
  const mdy = column.monthFirst.read(text) ?? null;
  if (dmy === mdy) {
    if (dmy !== null) column.hasSame ||= column.yearFirst.read(text) === undefined;
    return;
  }
  const shown = <T>(value: T): T | typeof HIDDEN_VALUE => (column.isSensitive ? HIDDEN_VALUE : value);
  const sample = (): Sample => ({ line, value: shown(cutValue(text)), dmy: shown(dmy), mdy: shown(mdy) });
  if (mdy === null) column.proofs.dmy ??= sample();
  else if (dmy === null) column.proofs.mdy ??= sample();
  else if (column.ambiguous.length < MOST_SAMPLES) column.ambiguous.push(sample());
}

function describe(
  { index, proofs: { dmy, mdy }, ambiguous: samples }: OpenColumn,
  header: string,
): ErrorItem {
  const quote = ({ value, line }: Sample): string => `"${value}" (line ${line})`;
  const name = `Column ${index + 1} ("${header}")`;
  const [first] = samples;
  const detail =
    dmy !== undefined && mdy !== undefined
      ? `${name} has dates with the day first, ${quote(dmy)}, and with the month first, ${quote(mdy)}.`
      : `${name} has dates that could begin with the day or with the month: ${quote(first!)} is ${first!.dmy} or ${first!.mdy}.`;
  const proofs = [dmy, mdy].filter((proof) => proof !== undefined);
  const column = { index: index + 1, name: header };
  return { code: 'date-order', column, detail, samples: [...proofs, ...samples] };
}

function ambiguous(problems: readonly ErrorItem[]): AppError {
  return new AppError(
    'DATE_ORDER_AMBIGUOUS',
    `${problems[0]!.detail}${problems.length > 1 ? ` The same is true of ${counted(problems.length - 1, 'more column')}.` : ''} Say which: dateOrder=dmy, dateOrder=mdy, or dateOrder=ymd to reject such dates.`,
    { dateOrders: ['dmy', 'mdy', 'ymd'] },
    { errors: problems },
  );
}
