// content.xml of an OpenDocument spreadsheet: the rows of its sheets, as they come. Rows and cells that are alike stand once, with how often.
import { MAX_COLUMNS, MAX_ROWS } from '../cell-name.ts';
import { PLAIN, type NumberFormat } from '../number-format.ts';
import { isNumberAsShown } from '../number-text.ts';
import { RowCells } from '../row-cells.ts';
import { NUMBER } from '../sheet-cell.ts';
import type { SheetReceiver } from '../sheet-parts.ts';
import { XmlProblem } from '../xml-problem.ts';
import { XmlReader } from '../xml-reader.ts';
import { refuseOwnPrefixes } from './prefixes.ts';
import { OdsCellText } from './cell-text.ts';
import { CellAttributes, countOf } from './cell-attributes.ts';
import type { OdsStyles } from './styles.ts';
import { VALUE_OF, writeOdsCell, type OdsCell } from './values.ts';

/** Of a row that is repeated, so many are given before the caller is asked to take them. */
const ROWS_AT_ONCE = 1000;
/** A longer row is no person's: 16,384 columns may repeat one text. */
const MAX_ROW_BYTES = 64 * 1024 * 1024;
const NO_STYLE = 'Default';

export interface OdsSheet {
  readonly name: string;
  readonly isHidden: boolean;
}

/** Where the reader is: what is in an element of another kind is passed over. */
type Place = 'document' | 'body' | 'sheet' | 'row' | 'cell' | 'paragraph';

/** Elements around rows and columns that say nothing of them. */
const AROUND_ROWS = ['table-rows', 'table-row-group', 'table-header-rows'];
const AROUND_COLUMNS = ['table-columns', 'table-column-group', 'table-header-columns'];

export class OdsReader {
  /** Those that began so far. */
  readonly sheets: OdsSheet[] = [];
  private readonly xml = new XmlReader();
  private readonly styles: OdsStyles;
  private readonly receivers: (sheet: number, name: string) => SheetReceiver | undefined;
  private receiver: SheetReceiver | undefined;
  private place: Place = 'document';
  /** The depth of the element that is passed over; 0: none. */
  private skipped = 0;
  /** It is a sheet. */
  private passesSheet = false;
  // the sheet that is open
  private readonly cells = new RowCells();
  private row = 0;
  private columns = 0;
  private readonly columnStyles: { readonly last: number; readonly style: string }[] = [];
  // the row
  private rowStyle: string | undefined;
  private rowsLeft = 0;
  private isHidden = false;
  private column = 0;
  // the cell
  private cell: OdsCell | undefined;
  private readonly said = new CellAttributes(this.xml);
  private format: NumberFormat = PLAIN;
  private cellsLeft = 0;
  private text: OdsCellText | undefined;
  private paragraph = 0;

  /** @param receivers of the sheets that are read, by their places; rows of all others are passed over */
  constructor(styles: OdsStyles, receivers: (sheet: number, name: string) => SheetReceiver | undefined) {
    this.styles = styles;
    this.receivers = receivers;
  }

  /** Gives the next bytes, or says that there are none; `run` reads them. */
  push(chunk: Buffer | null): void {
    this.xml.push(chunk);
  }

  /** @returns true when it is to be called again before more is pushed @throws XmlProblem */
  run(): boolean {
    const { xml } = this;
    if (this.rowsLeft > 0 && this.place === 'sheet' && this.giveRows()) return true;
    for (;;) {
      if (this.skipped > 0 && this.passesSheet && !xml.passTo('table:table')) return false;
      switch (xml.next()) {
        case 'open':
          if (this.skipped === 0) this.open();
          break;
        case 'text':
          if (this.place === 'paragraph' && this.skipped === 0) this.text?.add(xml.text());
          break;
        case 'close':
          if (this.skipped === 0) {
            this.close();
            if (this.rowsLeft > 0 && this.place === 'sheet' && this.giveRows()) return true;
          } else if (xml.depth < this.skipped) this.skipped = 0;
          break;
        case 'more':
        case 'end':
          return false;
      }
    }
  }

  private skip(): void {
    this.passesSheet = false;
    if (!this.xml.isEmpty) this.skipped = this.xml.depth;
  }

  private open(): void {
    switch (this.place) {
      case 'document':
        return this.openInDocument();
      case 'body':
        return this.xml.name === 'table' ? this.openSheet() : this.skip();
      case 'sheet':
        return this.openInSheet();
      case 'row':
        return this.xml.name === 'table-cell' || this.xml.name === 'covered-table-cell'
          ? this.openCell()
          : this.skip();
      case 'cell':
        return this.openInCell();
      case 'paragraph':
        if (this.text?.open(this.xml) === false) this.skip();
    }
  }

  private openInDocument(): void {
    const { xml } = this;
    if (xml.depth === 1 && !xml.isEmpty) refuseOwnPrefixes(xml);
    if (xml.name === 'spreadsheet' && !xml.isEmpty) this.place = 'body';
    else this.styles.open(xml);
  }

  private openSheet(): void {
    const { xml } = this;
    const isHidden = this.styles.isHiddenSheet(xml.attribute('table:style-name'));
    const name = xml.attribute('table:name') ?? '';
    this.receiver = this.receivers(this.sheets.length, name);
    this.sheets.push({ name, isHidden });
    this.row = 0;
    this.columns = 0;
    this.columnStyles.length = 0;
    if (this.receiver === undefined) {
      this.skip();
      this.passesSheet = true;
    } else if (!xml.isEmpty) this.place = 'sheet';
  }

  private openInSheet(): void {
    const { xml } = this;
    if (xml.name === 'table-row') this.openRow();
    else if (xml.name === 'table-column') this.noteColumns();
    else if (!AROUND_ROWS.includes(xml.name) && !AROUND_COLUMNS.includes(xml.name)) this.skip();
  }

  private noteColumns(): void {
    const { xml } = this;
    const first = this.columns + 1;
    this.columns += countOf(xml.attribute('table:number-columns-repeated'));
    const style = xml.attribute('table:default-cell-style-name') ?? NO_STYLE;
    if (first <= MAX_COLUMNS) this.columnStyles.push({ last: this.columns, style });
    if (isHidden(xml.attribute('table:visibility')))
      this.receiver?.hiddenColumns(first, Math.min(this.columns, MAX_COLUMNS));
  }

  private openRow(): void {
    const { xml } = this;
    this.rowsLeft = countOf(xml.attribute('table:number-rows-repeated'));
    this.rowStyle = xml.attribute('table:default-cell-style-name');
    this.isHidden = isHidden(xml.attribute('table:visibility'));
    this.column = 0;
    if (!xml.isEmpty) this.place = 'row';
    else this.giveRows();
  }

  /** Gives some of the rows that are alike. @returns whether more of them are left */
  private giveRows(): boolean {
    const { cells } = this;
    if (cells.columns.length === 0) {
      this.row += this.rowsLeft;
      this.rowsLeft = 0;
      cells.clear();
      return false;
    }
    if (this.row + this.rowsLeft > MAX_ROWS)
      throw new XmlProblem(
        `a sheet has ${MAX_ROWS} rows at most, and it has row ${this.row + this.rowsLeft}`,
      );
    const most = cells.size > ROWS_AT_ONCE ? 1 : ROWS_AT_ONCE;
    for (let left = Math.min(this.rowsLeft, most); left > 0; left--) {
      this.receiver?.row(++this.row, cells, this.isHidden);
      this.rowsLeft--;
    }
    if (this.rowsLeft > 0) return true;
    cells.clear();
    return false;
  }

  /** A plain number is copied as it stands; of any other cell the attributes are kept until its text is there. */
  private openCell(): void {
    const { xml } = this;
    const { bytes } = xml;
    const said = this.said.clear();
    xml.attributes(said.note);
    const { type, hasFormula, from, to } = said;
    this.cellsLeft = countOf(said.repeated);
    if (said.spans) this.noteMerged();
    if (type === undefined && !hasFormula && xml.isEmpty) return this.passCells();
    this.format = this.formatOf(said.style, type);
    const isPlain = (type === 'float' || type === 'currency') && !hasFormula && this.format.kind !== 'mask';
    if (isPlain && isNumberAsShown(bytes, from, to)) {
      this.eachCell((column) => this.cells.putBytes(column, NUMBER, bytes, from, to));
      return this.skip();
    }
    const name = said.hasString || type !== 'string' ? VALUE_OF.get(type ?? '') : undefined;
    const value = name === undefined ? undefined : xml.attribute(name);
    this.cell = { type, value, hasFormula, isError: said.isError };
    this.text = undefined;
    if (xml.isEmpty) this.closeCell();
    else this.place = 'cell';
  }

  /** A cell without a style has that of its row, else that of its column. */
  private formatOf(style: string | undefined, type: string | undefined): NumberFormat {
    if (type === undefined || type === 'string') return PLAIN;
    if (style !== undefined) return this.styles.formatOf(style);
    const column = this.column + 1;
    return this.styles.formatOf(
      this.rowStyle ?? this.columnStyles.find(({ last }) => last >= column)?.style ?? NO_STYLE,
    );
  }

  private noteMerged(): void {
    const { xml, row, column } = this;
    const spanned = (name: string): number => countOf(xml.attribute(`table:number-${name}-spanned`));
    const [columns, rows] = [spanned('columns'), spanned('rows')];
    if (columns === 1 && rows === 1) return;
    const first = { firstRow: row + 1, firstColumn: column + 1 };
    this.receiver?.merged({ ...first, lastRow: row + rows, lastColumn: column + columns });
  }

  private openInCell(): void {
    const { xml } = this;
    if (xml.name !== 'p' && xml.name !== 'h') return this.skip();
    this.text ??= new OdsCellText();
    this.text.openParagraph();
    if (xml.isEmpty) return;
    this.place = 'paragraph';
    this.paragraph = xml.depth;
  }

  private close(): void {
    const { xml } = this;
    switch (this.place) {
      case 'document':
        return this.styles.close(xml);
      case 'paragraph':
        if (xml.depth < this.paragraph) this.place = 'cell';
        return;
      case 'cell':
        this.place = 'row';
        return this.closeCell();
      case 'row':
        if (xml.name === 'table-row') this.place = 'sheet';
        return;
      case 'sheet':
        if (xml.name === 'table') this.place = 'body';
        return;
      case 'body':
        if (xml.name === 'spreadsheet') this.place = 'document';
    }
  }

  private closeCell(): void {
    const written = writeOdsCell(this.cell!, this.text?.take(), this.format);
    if (written === '') return this.passCells();
    this.eachCell((column) => this.cells.putText(column, written));
  }

  private passCells(): void {
    this.column += this.cellsLeft;
  }

  private eachCell(put: (column: number) => void): void {
    const last = this.column + this.cellsLeft;
    if (last > MAX_COLUMNS)
      throw new XmlProblem(`a sheet has ${MAX_COLUMNS} columns at most, and row ${this.row + 1} has more`);
    while (this.column < last) {
      put(++this.column);
      if (this.cells.size > MAX_ROW_BYTES)
        throw new XmlProblem(`row ${this.row + 1} has more than ${MAX_ROW_BYTES} bytes`);
    }
  }
}

function isHidden(visibility: string | undefined): boolean {
  return visibility === 'collapse' || visibility === 'filter';
}
