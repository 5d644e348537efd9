// Which number format each style of a workbook has: xl/styles.xml.
import { builtInFormat, PLAIN, readFormat, type NumberFormat } from './number-format.ts';
import { XmlReader } from './xml-reader.ts';

/** No workbook of a person has more; Excel takes 65,490. */
const MAX_STYLES = 65_536;

/** By the number that a cell's attribute `s` gives. */
export type Styles = readonly NumberFormat[];

/** @throws XmlProblem */
export function createStylesReader(): {
  push(chunk: Buffer | null): void;
  styles(): Styles;
  /** Those of cells that were typed with an apostrophe before them: what they hold is a text. */
  prefixed(): ReadonlySet<number>;
} {
  const xml = new XmlReader();
  const codes = new Map<number, string>();
  const ids: number[] = [];
  const prefixed = new Set<number>();
  let inCells = false;
  const open = (): void => {
    if (xml.name === 'numFmt') {
      const code = xml.attribute('formatCode');
      if (code !== undefined && codes.size < MAX_STYLES) codes.set(Number(xml.attribute('numFmtId')), code);
    } else if (xml.name === 'cellXfs') inCells = !xml.isEmpty;
    else if (xml.name === 'xf' && inCells && ids.length < MAX_STYLES) {
      if (/^(?:1|true)$/.test(xml.attribute('quotePrefix') ?? '')) prefixed.add(ids.length);
      ids.push(Number(xml.attribute('numFmtId') ?? 0));
    }
  };
  return {
    push(chunk) {
      xml.push(chunk);
      for (let event = xml.next(); event !== 'more' && event !== 'end'; event = xml.next())
        if (event === 'open') open();
        else if (event === 'close' && xml.name === 'cellXfs') inCells = false;
    },
    prefixed: () => prefixed,
    styles() {
      const known = new Map<number, NumberFormat>();
      const formatOf = (id: number): NumberFormat => {
        const code = codes.get(id);
        return code === undefined ? builtInFormat(id) : readFormat(code);
      };
      return ids.map((id) => {
        const format = known.get(id) ?? formatOf(id);
        known.set(id, format);
        return format;
      });
    },
  };
}

export function styleOf(styles: Styles, style: number): NumberFormat {
  return styles[style] ?? PLAIN;
}
