// What passes.ts does, by the loops of cell-engine.ts.
import type { CellBatch } from './cell-batch.ts';
import type { CellEngine } from './cell-engine.ts';
import type { CellKind } from './cell-kinds.ts';
import type { ChoiceTable } from './choice-table.ts';
import type { KeySet } from './key-set.ts';
import { MOST_KEY_BYTES, type Passed } from './passes.ts';

/** What is still open of a column: not both. */
interface Open {
  readonly kind: CellKind;
  readonly choices: ChoiceTable | undefined;
  readonly keys: KeySet | undefined;
}

/** Undefined: there is no loop for such a column. */
export function passFast(
  engine: CellEngine,
  { kind, choices, keys }: Open,
  batch: CellBatch,
  column: number,
  from: number,
  longest: number,
): Passed | undefined {
  const { records } = batch;
  if (choices !== undefined) {
    const record = engine.passChoices(choices, column, from, records, longest);
    return passed(engine, record);
  }
  const number = engine.kindNumber(kind);
  if (number === undefined) return undefined;
  if (keys !== undefined) return passKeys(engine, number, keys, batch, column, from, longest);
  const record =
    kind === 'text'
      ? engine.passTexts(column, from, records, longest)
      : engine.pass(number, column, from, records, longest);
  return passed(engine, record);
}

function passed({ empty, longest }: CellEngine, record: number): Passed {
  return { record, empty, longest };
}

function passKeys(
  engine: CellEngine,
  kind: number,
  keys: KeySet,
  { starts, ends, columns, records }: CellBatch,
  column: number,
  from: number,
  longest: number,
): Passed {
  const record = engine.passKeys(kind, column, from, records, longest, keys.last);
  const { empty, ordered, last, hashes } = engine;
  const added = keys.addHashes(hashes, record - from - empty, ordered, last, MOST_KEY_BYTES);
  if (added === record - from - empty) return passed(engine, record);
  // The one behind those was there before, or there are too many: it is looked at.
  let at = from;
  let left = added;
  for (let place = from * columns + column; ; at++, place += columns)
    if (starts[place] !== ends[place] && left-- === 0) break;
  return passed(engine, engine.pass(kind, column, from, at, longest));
}
