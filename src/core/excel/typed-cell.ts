// What the value of a cell means, by the cell's type and number format.
import { fillMask, type NumberFormat } from './number-format.ts';
import { formatNumber, readNumber } from './number-text.ts';
import { readIsoCell, readSerial, type DateSystem, type DateText } from './serial-date.ts';
import { writeCellText } from './shared-strings.ts';
import { decodeXString } from './xml-text.ts';
import { writeBoolean, writeDate, writeError, writeNumber } from './sheet-cell.ts';

/** As the attribute `t` says it: n, s, str, b, e, d, inlineStr. */
export type CellType = string;

/** A formula that nobody has calculated: programs that write workbooks leave that to Excel. */
export function hasNoResult(): string {
  return writeError('#FORMULA', 'holds a formula without a result; open the file in Excel and save it');
}

/** @param raw the text of the value */
export function writeTypedCell(
  type: CellType,
  raw: string,
  format: NumberFormat,
  system: DateSystem,
): string {
  switch (type) {
    case 'n':
      return writeNumberCell(raw, format, system);
    case 'str':
      return writeCellText(decodeXString(raw));
    case 'b':
      if (/^\s*(1|true)\s*$/i.test(raw)) return writeBoolean(true);
      if (/^\s*(0|false)\s*$/i.test(raw)) return writeBoolean(false);
      return writeError('#BOOLEAN', 'holds a logical value that is neither TRUE nor FALSE; type it again');
    case 'e': {
      const error = raw.trim();
      return writeError(error.startsWith('#') ? error : `#${error}`, `holds the error ${error}, not a value`);
    }
    case 'd':
      return writeDateText(raw, readIsoCell(raw));
    case 'inlineStr':
      return writeCellText(decodeXString(raw));
    default:
      return writeError(
        '#TYPE',
        `is of a kind that cannot be read (t="${type.slice(0, 20)}"); type it again`,
      );
  }
}

function writeNumberCell(raw: string, format: NumberFormat, system: DateSystem): string {
  const number = readNumber(raw);
  if ('problem' in number) return writeError(`#${raw.trim().slice(0, 40)}`, number.problem);
  const { text, value } = number;
  switch (format.kind) {
    case 'number':
      return writeNumber(text);
    case 'date':
      return writeDateText(text, readSerial(value, format, system));
    case 'percent':
      return writeNumber(text, `${formatNumber(Number((value * 100).toPrecision(15)))}%`);
    case 'mask':
      return writeNumber(text, fillMask(format.mask, text) ?? text);
  }
}

function writeDateText(raw: string, date: DateText | { readonly problem: string }): string {
  return 'problem' in date ? writeError(`#${raw}`, date.problem) : writeDate(date.value, date.shown);
}
