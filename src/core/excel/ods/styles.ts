// Number formats of an OpenDocument spreadsheet: data styles, and the styles of cells and sheets that name them. They are in styles.xml
// and at the head of content.xml (ODF 1.3 part 3, 16.29).
import { PLAIN, type NumberFormat } from '../number-format.ts';
import { XmlReader } from '../xml-reader.ts';

/** No workbook of a person has more. */
const MAX_STYLES = 65_536;
const MAX_PARENTS = 32;

const DATA_STYLES = ['number-style', 'date-style', 'time-style'];

/** A data style that is open. */
interface DataStyle {
  readonly name: string;
  readonly isDate: boolean;
  readonly isElapsed: boolean;
  /** The elements in it. */
  readonly parts: Set<string>;
  /** It shows whole numbers with leading zeros. */
  zeros: boolean;
}

interface CellStyle {
  readonly parent: string | undefined;
  readonly data: string | undefined;
}

/** The format shows leading zeros: what the cell shows is more than its number. */
const ZEROS: NumberFormat = { kind: 'mask', mask: '' };

export class OdsStyles {
  readonly #formats = new Map<string, NumberFormat>();
  readonly #cells = new Map<string, CellStyle>();
  readonly #known = new Map<string, NumberFormat>();
  readonly #hiddenSheets = new Set<string>();
  #data: DataStyle | undefined;
  /** The style of a sheet that is open. */
  #sheet: string | undefined;

  /** An element was opened; those that are no styles are passed over. */
  open(xml: XmlReader): void {
    if (DATA_STYLES.includes(xml.name)) this.#openData(xml);
    else if (this.#data !== undefined) notePart(this.#data, xml);
    else if (xml.name === 'style') this.#openStyle(xml);
    else if (xml.name === 'table-properties' && this.#sheet !== undefined) {
      if (xml.attribute('table:display') === 'false') this.#hiddenSheets.add(this.#sheet);
    }
  }

  close(xml: XmlReader): void {
    if (xml.name === 'style') this.#sheet = undefined;
    if (this.#data === undefined || !DATA_STYLES.includes(xml.name)) return;
    if (this.#formats.size < MAX_STYLES) this.#formats.set(this.#data.name, formatFrom(this.#data));
    this.#data = undefined;
  }

  isHiddenSheet(style: string | undefined): boolean {
    return style !== undefined && this.#hiddenSheets.has(style);
  }

  /** The format of a cell's style, or of the styles that it is made from. */
  formatOf(style: string): NumberFormat {
    const known = this.#known.get(style);
    if (known !== undefined) return known;
    const format = this.#find(style);
    this.#known.set(style, format);
    return format;
  }

  #find(style: string): NumberFormat {
    let cell = this.#cells.get(style);
    for (let depth = 0; cell !== undefined && depth < MAX_PARENTS; depth++) {
      if (cell.data !== undefined) return this.#formats.get(cell.data) ?? PLAIN;
      cell = cell.parent === undefined ? undefined : this.#cells.get(cell.parent);
    }
    return PLAIN;
  }

  #openData(xml: XmlReader): void {
    const name = xml.attribute('style:name');
    if (name === undefined || xml.isEmpty) return;
    this.#data = {
      name,
      isDate: xml.name !== 'number-style',
      isElapsed: xml.name === 'time-style' && xml.attribute('number:truncate-on-overflow') === 'false',
      parts: new Set(),
      zeros: false,
    };
  }

  #openStyle(xml: XmlReader): void {
    const name = xml.attribute('style:name') ?? '';
    const family = xml.attribute('style:family');
    if (family === 'table') this.#sheet = xml.isEmpty ? undefined : name;
    if (family === 'table-cell' && this.#cells.size < MAX_STYLES)
      this.#cells.set(name, {
        parent: xml.attribute('style:parent-style-name'),
        data: xml.attribute('style:data-style-name'),
      });
  }
}

function notePart(style: DataStyle, xml: XmlReader): void {
  style.parts.add(xml.name);
  if (xml.name === 'number' && showsZeros(xml)) style.zeros = true;
}

function formatFrom({ isDate, isElapsed, parts, zeros }: DataStyle): NumberFormat {
  // Another style goes with other values: this one may be that of the negative ones.
  if (!isDate) return zeros && !parts.has('map') ? ZEROS : PLAIN;
  const hasTime = ['hours', 'minutes', 'seconds'].some((part) => parts.has(part));
  const hasDay = parts.has('day') || parts.has('day-of-week');
  const hasDate = hasDay || parts.has('month') || parts.has('year');
  const lacksDay = !hasDay && !hasTime && parts.has('month') && parts.has('year');
  return { kind: 'date', hasDate, hasTime, lacksDay, isElapsed };
}

function showsZeros(xml: XmlReader): boolean {
  return (
    Number(xml.attribute('number:min-integer-digits') ?? 1) >= 2 &&
    Number(xml.attribute('number:decimal-places') ?? 0) === 0 &&
    xml.attribute('number:grouping') !== 'true'
  );
}

/** @throws XmlProblem */
export function createOdsStylesReader(styles: OdsStyles): { push(chunk: Buffer | null): void } {
  const xml = new XmlReader();
  return {
    push(chunk) {
      xml.push(chunk);
      for (let event = xml.next(); event !== 'more' && event !== 'end'; event = xml.next())
        if (event === 'open') styles.open(xml);
        else if (event === 'close') styles.close(xml);
    },
  };
}
