// What stands for other characters: entities of XML, and the `_x000D_` of workbooks.
import { XmlProblem } from './xml-problem.ts';

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));|&/gi;
const MAX_CODE_POINT = 0x10ffff;

/** @param cdata entities are text there @throws XmlProblem for an entity that XML does not know */
export function decodeXmlText(text: string, cdata: boolean): string {
  const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  if (cdata || !lines.includes('&')) return lines;
  return lines.replace(ENTITY, (found, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined && Object.hasOwn(ENTITIES, name)) return ENTITIES[name]!;
    const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : NaN;
    if (!(code <= MAX_CODE_POINT))
      throw new XmlProblem(`it has the entity ${found}, which XML does not know`);
    return String.fromCodePoint(code);
  });
}

const ESCAPED = /_x([0-9a-f]{4})_/gi;

/** The text that a cell shows: `_x000D_` is a carriage return, `_x005F_` an underscore (ECMA-376, ST_Xstring). */
export function decodeXString(text: string): string {
  if (!text.includes('_x') && !text.includes('_X')) return text;
  return text.replace(ESCAPED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
