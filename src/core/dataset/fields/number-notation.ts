// Whether a file that writes 1.234,56 has been taken for one that writes 1,234.56: told by the file itself. A column of numbers whose
// notation nobody has said is read with a decimal point (Table Schema). Where it holds a number that only a decimal comma explains,
// none that only a point does, and one that is another number either way (1.234), then landing the latter would be a guess.
import { counted } from '../../counted.ts';
import { AppError, type ErrorItem } from '../../../errors.ts';
import { decodeCell, NOT_DIGIT, type CellPlaces } from '../../csv/records/cell-places.ts';
import { cutValue } from '../../imports/row-error.ts';
import { leavesNumbersOpen } from './notation.ts';
import type { Dataset, FileColumn } from '../types.ts';

const MOST_SAMPLES = 3;

/** Forms of numbers without their sign: of a decimal comma, of a decimal point, and of both. */
const COMMA = /^(?:[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|(?:0|[0-9]{4,}),[0-9]+|[0-9]*,(?:[0-9]{1,2}|[0-9]{4,}))$/;
const POINT =
  /^(?:[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+|(?:0|[0-9]{4,})\.[0-9]+|[0-9]*\.(?:[0-9]{1,2}|[0-9]{4,})|[0-9.]+[eE][+-]?[0-9]+)$/;
const EITHER = /^[1-9][0-9]{0,2}\.[0-9]{3}$/;

interface Sample {
  readonly line: number;
  readonly value: string;
}

interface OpenColumn {
  readonly index: number;
  isPoint: boolean;
  comma: Sample | undefined;
  readonly either: Sample[];
}

/** Looks at records of a file until each open column has shown a decimal point, or to the end; then decides. */
export class NumberNotationProof {
  readonly #columns: readonly FileColumn[];
  #open: readonly OpenColumn[];

  constructor(dataset: Dataset, columns: readonly FileColumn[]) {
    this.#columns = columns;
    this.#open = columns.flatMap(({ fieldIndex, decimalChar, groupChar }, index) => {
      const field = fieldIndex === null ? undefined : dataset.schema.fields[fieldIndex];
      const isOpen =
        field?.type === 'number' &&
        leavesNumbersOpen(field) &&
        decimalChar === undefined &&
        groupChar === undefined;
      return isOpen ? [{ index, isPoint: false, comma: undefined, either: [] }] : [];
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
      settled ||= column.isPoint;
    }
    if (settled) this.#open = this.#open.filter(({ isPoint }) => !isPoint);
  }

  /** @throws AppError NUMBER_NOTATION_AMBIGUOUS with an item for each column that looks like one with a decimal comma */
  decide(): void {
    const problems = this.#open.flatMap(({ index, comma, either }) =>
      comma === undefined || either.length === 0
        ? []
        : [describe(index, this.#columns[index]!.header, comma, either)],
    );
    if (problems.length === 0) return;
    throw new AppError(
      'NUMBER_NOTATION_AMBIGUOUS',
      `${problems[0]!.detail}${problems.length > 1 ? ` The same is true of ${counted(problems.length - 1, 'more column')}.` : ''} Say which: decimalChar=, and groupChar=. for a decimal comma, or decimalChar=. for a decimal point. Nothing was kept.`,
      {},
      { errors: problems },
    );
  }
}

function note(column: OpenColumn, text: string, line: number): void {
  const number = text.trim().replace(/^[+-]/, '');
  if (POINT.test(number)) column.isPoint = true;
  else if (COMMA.test(number)) column.comma ??= { line, value: cutValue(text) };
  else if (column.either.length < MOST_SAMPLES && EITHER.test(number))
    column.either.push({ line, value: cutValue(text) });
}

function describe(index: number, header: string, comma: Sample, either: readonly Sample[]): ErrorItem {
  const quote = ({ value, line }: Sample): string => `"${value}" (line ${line})`;
  return {
    code: 'number-notation',
    column: { index: index + 1, name: header },
    detail: `Column ${index + 1} ("${header}") has ${quote(comma)}, which has a decimal comma, and ${quote(either[0]!)}, which is one number with a decimal comma and another with a decimal point.`,
    samples: [comma, ...either],
  };
}
