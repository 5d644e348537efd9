// Spreadsheets run cells that begin like a formula (OWASP, CWE-1236). The guard is an apostrophe before such a text, and
// is exact both ways: a text that looks guarded already gets one more, so taking one off always gives the text back.
//
// A spreadsheet may cut the file at another delimiter than the comma: where the decimal comma is used, Excel cuts at `;`. Then a quote
// that does not open a cell as that program sees it is text, and what follows a `;`, a tab or a line end within our cell becomes a cell
// of its own. So each such place is guarded like a cell's beginning, over quotes that would be taken off there. No guard makes or
// removes such a place, which is why each can be taken off by itself.

const FORMULA = '=+\\-@＝＋－＠';
/** Where a text begins: what begins a formula, also full-width as Japanese input methods write it, and what spreadsheets pass over before it. */
const AT_START = `^(?='*(?:"*[${FORMULA}]|[\\t\\r\\n]))`;
/** Behind what may end a cell. */
const WITHIN = `(?<=[;\\t\\r\\n])(?='*"*[${FORMULA}])`;

/** The empty places where an apostrophe is put. */
const FORMULA_AT = `${AT_START}|${WITHIN}`;

/** A text that begins with none of the first, and holds none of the second, has no such place: which is known sooner than by the expression. */
export const MAY_BEGIN = [...`'"${FORMULA.replace('\\', '')}\t\r\n`];
export const MAY_BE_WITHIN = [...';\t\r\n'];

const OPEN = new RegExp(FORMULA_AT, 'g');
const LOOKS_GUARDED = new RegExp(`(?:${AT_START}|${WITHIN})'`, 'g');

export function guard(text: string): string {
  return text.replace(OPEN, "'");
}

/** For machines: nothing is guarded, except what `unguard` would otherwise shorten. */
export function guardRaw(text: string): string {
  return text.replace(LOOKS_GUARDED, "''");
}

/** Takes the guards off a cell of a reject file that comes back. */
export function unguard(text: string): string {
  return text.replace(LOOKS_GUARDED, '');
}
