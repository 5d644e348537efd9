// xl/worksheets/sheet1.xml: the rows of a sheet, as they come. Cells may be out of order or without a name, rows may not.
import { digitsOf } from './digits.ts';
import { CellText } from './cell-text.ts';
import { MAX_COLUMNS, MAX_ROWS, readCellName } from './cell-name.ts';
import { isNumberAsShown } from './number-text.ts';
import { RowCells } from './row-cells.ts';
import { writeCellText } from './shared-strings.ts';
import { EMPTY_TEXT, NUMBER } from './sheet-cell.ts';
import type { SheetContext, SheetReceiver } from './sheet-parts.ts';
import { styleOf } from './styles.ts';
import { hasNoResult, writeTypedCell, type CellType } from './typed-cell.ts';
import { UsualCell } from './usual-cell.ts';
import { XmlProblem } from './xml-problem.ts';
import { XmlReader } from './xml-reader.ts';

const LETTER_R = 0x72;
const LETTER_S = 0x73;
const LETTER_T = 0x74;

export class SheetReader {
  private readonly xml = new XmlReader();
  private readonly cells = new RowCells();
  private readonly usual = new UsualCell();
  private readonly context: SheetContext;
  private readonly receiver: SheetReceiver;
  private row = 0;
  private isRowNamed = false;
  private isHidden = false;
  /** Other elements may be called `row` too: anchors of controls are. */
  private inData = false;
  private inRow = false;
  // the cell that is open
  private inCell = false;
  private column = 0;
  private type: CellType = 'n';
  private style = 0;
  private hasFormula = false;
  private inValue = false;
  private value = Buffer.allocUnsafe(1024);
  private length = 0;
  private inline: CellText | undefined;

  constructor(context: SheetContext, receiver: SheetReceiver) {
    this.context = context;
    this.receiver = receiver;
  }

  /** Null: that was all. @throws XmlProblem */
  push(chunk: Buffer | null): void {
    const { xml } = this;
    xml.push(chunk);
    for (;;) {
      while (this.inRow && !this.inCell && this.readUsualCell());
      switch (xml.next()) {
        case 'open':
          this.open();
          break;
        case 'text':
          if (this.inValue) this.addValue();
          else this.inline?.add(xml);
          break;
        case 'close':
          this.close();
          break;
        case 'more':
        case 'end':
          return;
      }
    }
  }

  /** @returns whether there was one */
  private readUsualCell(): boolean {
    const { xml, usual } = this;
    if (!usual.read(xml.bytes, xml.at)) return false;
    this.type = usual.type;
    this.style = usual.style;
    this.hasFormula = false;
    this.inline = undefined;
    this.place(usual.nameStart, usual.nameEnd);
    this.closeCell(xml.bytes, usual.start, usual.end);
    xml.at = usual.next;
    return true;
  }

  private open(): void {
    const { xml } = this;
    if (this.inCell) return this.openInCell();
    if (this.inRow) {
      if (xml.name !== 'c') return;
      this.openCell();
      if (xml.isEmpty) this.inCell = false;
      return;
    }
    switch (xml.name) {
      case 'row':
        if (!this.inData) break;
        this.openRow();
        if (xml.isEmpty) this.closeRow();
        break;
      case 'sheetData':
        this.inData = !xml.isEmpty;
        break;
      case 'col':
        if (isTrue(xml.attribute('hidden')))
          this.receiver.hiddenColumns(Number(xml.attribute('min')), Number(xml.attribute('max')));
        break;
      case 'mergeCell':
        this.noteMerged(xml.attribute('ref') ?? '');
    }
  }

  private openRow(): void {
    const said = this.xml.attribute('r');
    const row = said === undefined ? this.row + 1 : Number(said);
    if (!Number.isInteger(row) || row <= this.row || row > MAX_ROWS)
      throw new XmlProblem(
        row > MAX_ROWS
          ? `a sheet has ${MAX_ROWS} rows at most, and it has row ${row}`
          : `row "${said}" comes after row ${this.row}`,
      );
    this.row = row;
    this.isRowNamed = said !== undefined;
    this.isHidden = isTrue(this.xml.attribute('hidden'));
    this.inRow = true;
    this.column = 0;
  }

  private closeRow(): void {
    this.inRow = false;
    this.receiver.row(this.row, this.cells, this.isHidden);
    this.cells.clear();
  }

  /** The attributes of each cell are read byte by byte: no string is made of them. */
  private openCell(): void {
    const { xml } = this;
    const { bytes } = xml;
    let nameStart = -1;
    let nameEnd = -1;
    this.type = 'n';
    this.style = 0;
    xml.attributes((start, end, from, to) => {
      if (end - start !== 1) return;
      const name = bytes[start];
      if (name === LETTER_R) {
        nameStart = from;
        nameEnd = to;
      } else if (name === LETTER_S) this.style = digitsOf(bytes, from, to);
      else if (name === LETTER_T)
        this.type = to - from === 1 && bytes[from] === LETTER_S ? 's' : bytes.toString('latin1', from, to);
    });
    this.place(nameStart, nameEnd);
    this.inCell = true;
    this.hasFormula = false;
    this.length = 0;
    this.inline = undefined;
  }

  /** A cell without a name is the next one. */
  private place(start: number, end: number): void {
    const { bytes } = this.xml;
    if (start === -1) {
      this.column++;
    } else {
      let column = 0;
      let at = start;
      for (; at < end && bytes[at]! >= 0x41 && bytes[at]! <= 0x5a; at++)
        column = column * 26 + bytes[at]! - 0x40;
      const row = digitsOf(bytes, at, end);
      if (at === start || !(row > 0))
        throw new XmlProblem(`"${bytes.toString('utf8', start, end)}" names no cell`);
      if (row !== this.row) this.moveRow(row, bytes.toString('utf8', start, end));
      this.column = column;
    }
    if (this.column > MAX_COLUMNS)
      throw new XmlProblem(`a sheet has ${MAX_COLUMNS} columns at most, and row ${this.row} has more`);
  }

  /** Where a row does not say its number, its first cell may. */
  private moveRow(row: number, name: string): void {
    if (this.isRowNamed || this.column > 0 || row < this.row || row > MAX_ROWS)
      throw new XmlProblem(`cell ${name} is in row ${this.row}`);
    this.row = row;
    this.isRowNamed = true;
  }

  private openInCell(): void {
    const { xml } = this;
    switch (xml.name) {
      case 'v':
        this.inValue = !xml.isEmpty;
        break;
      case 'f':
        this.hasFormula = true;
        break;
      case 'is':
        if (!xml.isEmpty) this.inline = new CellText();
        break;
      default:
        this.inline?.open(xml);
    }
  }

  private addValue(): void {
    const { xml } = this;
    if (!xml.isPlain) {
      const text = Buffer.from(xml.text());
      this.append(text, 0, text.length);
    } else this.append(xml.bytes, xml.start, xml.end);
  }

  private append(from: Buffer, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.value.length) {
      const larger = Buffer.allocUnsafe(2 * length);
      larger.set(this.value.subarray(0, this.length));
      this.value = larger;
    }
    let to = this.length;
    for (let at = start; at < end; at++) this.value[to++] = from[at]!;
    this.length = length;
  }

  private close(): void {
    switch (this.xml.name) {
      case 'v':
        this.inValue = false;
        break;
      case 'c':
        if (this.inCell) this.closeCell(this.value, 0, this.length);
        this.inCell = false;
        break;
      case 'row':
        if (this.inRow) this.closeRow();
        break;
      case 'sheetData':
        this.inData = false;
        break;
      default:
        if (this.xml.name !== 'is') this.inline?.close(this.xml);
    }
  }

  /** @param value where the cell's value is, from `start` to `end` */
  private closeCell(value: Buffer, start: number, end: number): void {
    const { cells, column, type, inline } = this;
    const { strings, styles, dateSystem, isUncalculated } = this.context;
    if (type === 's') {
      if (start === end) return;
      if (!strings.find(digitsOf(value, start, end)))
        throw new XmlProblem(
          `cell ${column} of row ${this.row} refers to a text that the workbook does not have`,
        );
      if (strings.start === strings.end) return this.closeEmptyText();
      cells.putBytes(column, 0, strings.bytes, strings.start, strings.end);
      return;
    }
    if (inline !== undefined) {
      const text = inline.take();
      return text === '' ? this.closeEmptyText() : cells.putText(column, writeCellText(text));
    }
    const format = styleOf(styles, this.style);
    if (start === end) {
      if (this.hasFormula && type !== 'str') cells.putText(column, hasNoResult());
      return;
    }
    if (
      this.hasFormula &&
      isUncalculated &&
      type === 'n' &&
      value.toString('latin1', start, end).trim() === '0'
    )
      return cells.putText(column, hasNoResult());
    if (type === 'n' && format.kind === 'number' && isNumberAsShown(value, start, end))
      return cells.putBytes(column, NUMBER, value, start, end);
    cells.putText(column, writeTypedCell(type, value.toString('utf8', start, end), format, dateSystem));
  }

  /** Formulas and programs leave such texts in cells that are meant to be blank. */
  private closeEmptyText(): void {
    if (this.context.prefixed?.has(this.style) === true) this.cells.putText(this.column, EMPTY_TEXT);
  }

  private noteMerged(ref: string): void {
    const [first, last = first] = ref.split(':').map(readCellName);
    if (first === undefined || last === undefined) return;
    this.receiver.merged({
      firstRow: Math.min(first.row, last.row),
      firstColumn: Math.min(first.column, last.column),
      lastRow: Math.max(first.row, last.row),
      lastColumn: Math.max(first.column, last.column),
    });
  }
}

function isTrue(said: string | undefined): boolean {
  return said === '1' || said === 'true' || said === 'on';
}
