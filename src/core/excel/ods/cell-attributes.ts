// What the attributes of a cell say. They are read byte by byte: of each cell only the few strings are made that are needed.
import type { XmlReader } from '../xml-reader.ts';

export class CellAttributes {
  type: string | undefined;
  style: string | undefined;
  hasFormula = false;
  /** LibreOffice says so beside the type that other programs know. */
  isError = false;
  /** A text is in an attribute. */
  hasString = false;
  /** The cell is shown over others. */
  spans = false;
  /** How many cells are alike. */
  repeated: string | undefined;
  /** Where its number is in the bytes of the reader. */
  from = 0;
  to = 0;
  private readonly xml: XmlReader;

  constructor(xml: XmlReader) {
    this.xml = xml;
  }

  clear(): this {
    this.type = this.style = this.repeated = undefined;
    this.hasFormula = this.isError = this.hasString = this.spans = false;
    this.from = this.to = 0;
    return this;
  }

  /** For `XmlReader.attributes`. */
  readonly note = (nameStart: number, nameEnd: number, start: number, end: number): void => {
    const { xml } = this;
    switch (xml.nameAt(nameStart, nameEnd)) {
      case 'office:value-type':
        this.type = xml.nameAt(start, end);
        break;
      case 'office:value':
        this.from = start;
        this.to = end;
        break;
      case 'office:string-value':
        this.hasString = true;
        break;
      case 'table:style-name':
        this.style = xml.nameAt(start, end);
        break;
      case 'table:formula':
        this.hasFormula = true;
        break;
      case 'calcext:value-type':
        this.isError = xml.nameAt(start, end) === 'error';
        break;
      case 'table:number-columns-repeated':
        this.repeated = xml.nameAt(start, end);
        break;
      case 'table:number-columns-spanned':
      case 'table:number-rows-spanned':
        this.spans = true;
    }
  };
}

/** How often something is there; once when it does not say. */
export function countOf(said: string | undefined): number {
  const count = Number(said ?? 1);
  return Number.isSafeInteger(count) && count > 0 ? count : 1;
}
