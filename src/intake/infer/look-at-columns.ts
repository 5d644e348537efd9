// Shows the records of a text to the evidence of its columns: those of the usual grammar in batches, all others record by record.
import { readShape, grammarOf, type RecordShape } from '../../core/csv/grammar.ts';
import { readPlaces } from '../../core/csv/records/read-places.ts';
import type { FileDialect, Stretch } from '../../core/csv/types.ts';
import { CellBatch } from '../../core/dataset/infer/cell-batch.ts';
import { CellEngine } from '../../core/dataset/infer/cell-engine.ts';
import { ColumnEvidence } from '../../core/dataset/infer/column-evidence.ts';
import { lookAt } from './look-at.ts';

export class LookAtColumns {
  /** Undefined: there is no header, and no record yet. */
  evidence: ColumnEvidence[] | undefined;
  /** Records that were looked at. */
  records = 0;
  passedOver = 0;
  firstPassedOver: { readonly line: number; readonly reason: string } | undefined;
  readonly #dialect: FileDialect;
  readonly #keepsTexts: boolean;
  #batch: CellBatch | undefined;
  /** In memory of its own. */
  #apart: CellBatch | undefined;

  /** @param columns undefined: as many as the first record has */
  constructor(dialect: FileDialect, columns: number | undefined, keepsTexts: boolean) {
    this.#dialect = dialect;
    this.#keepsTexts = keepsTexts;
    if (columns !== undefined) this.evidence = this.#newEvidence(columns);
  }

  readonly passOver = (line: number, reason: string): void => {
    this.passedOver++;
    this.firstPassedOver ??= { line, reason };
  };

  readonly passOverWidth = (line: number, cells: number): void =>
    this.passOver(line, `has ${cells} cells in place of ${this.evidence!.length}`);

  /** There are as many columns as the first record of the text has cells. */
  widthFrom(bytes: Buffer): void {
    this.evidence = this.#newEvidence(firstRecord(bytes, this.#dialect).columns);
  }

  /** Once it is known how many columns there are. */
  get batch(): CellBatch {
    const columns = this.evidence!.length;
    return (this.#batch ??= new CellBatch(columns, this.#dialect, CellEngine.open(columns)));
  }

  readonly lookAtBatch = (): void => this.#lookAt(this.#batch!);

  #lookAt(batch: CellBatch): void {
    this.records += batch.records;
    for (const [column, each] of this.evidence!.entries()) each.lookAtBatch(batch, column);
  }

  readonly readBatches = (bytes: Buffer, stretch: Stretch): void => {
    if (stretch.records === 0) return;
    if (this.evidence === undefined) this.widthFrom(bytes);
    this.#readBatches(this.batch, bytes, stretch);
  };

  /** As `readBatches`, while the memory of the engine holds other bytes. */
  readonly readApart = (bytes: Buffer, stretch: Stretch): void => {
    if (stretch.records === 0) return;
    const columns = this.evidence!.length;
    this.#apart ??= new CellBatch(columns, this.#dialect, CellEngine.open(columns));
    this.#readBatches(this.#apart, bytes, stretch);
  };

  #readBatches(batch: CellBatch, bytes: Buffer, stretch: Stretch): void {
    batch.read(
      bytes,
      stretch,
      () => this.#lookAt(batch),
      (line, cells, ambiguous) => this.#isOfUse(line, cells, ambiguous),
    );
  }

  readonly readEach = (bytes: Buffer, stretch: Stretch): void =>
    readPlaces(bytes, stretch, this.#dialect, (cells, _row, line) => {
      this.evidence ??= this.#newEvidence(cells.count);
      if (!this.#isOfUse(line, cells.count, cells.ambiguousColumn)) return;
      this.records++;
      lookAt(this.evidence, bytes, cells, line, this.#dialect.sheet !== undefined);
    });

  #isOfUse(line: number, cells: number, ambiguousColumn: number): boolean {
    if (ambiguousColumn !== 0) this.passOver(line, 'can be read in two ways');
    else if (cells !== this.evidence!.length) this.passOverWidth(line, cells);
    else return true;
    return false;
  }

  #newEvidence(columns: number): ColumnEvidence[] {
    return Array.from({ length: columns }, () => new ColumnEvidence(this.#keepsTexts));
  }
}

/** Whether the first record of a text can be read to its end. */
export function holdsRecord(bytes: Buffer, dialect: FileDialect): boolean {
  return firstRecord(bytes, dialect).problem === undefined;
}

function firstRecord(bytes: Buffer, dialect: FileDialect): RecordShape {
  const grammar = grammarOf(dialect);
  let shape = readShape(bytes, 0, bytes.length, grammar);
  while (shape.end === shape.start && shape.next > shape.start)
    shape = readShape(bytes, shape.next, bytes.length, grammar);
  return shape;
}
