// Spreadsheets run cells that begin like a formula (OWASP, CWE-1236). The guard is an apostrophe before such a cell, and
// is exact both ways: a text that looks guarded already gets one more, so taking one off always gives the text back.

// What begins a formula, also full-width as Japanese input methods write it, and what spreadsheets pass over before it.
const LOOKS_LIKE_FORMULA = /^'*[=+\-@＝＋－＠\t\r\n]/;
const GUARDED = /^'+[=+\-@＝＋－＠\t\r\n]/;

export function guard(text: string): string {
  return LOOKS_LIKE_FORMULA.test(text) ? `'${text}` : text;
}

/** For machines: nothing is guarded, except what `unguard` would otherwise shorten. */
export function guardRaw(text: string): string {
  return GUARDED.test(text) ? `'${text}` : text;
}

/** Takes the guard off a cell of a reject file that comes back. */
export function unguard(text: string): string {
  return GUARDED.test(text) ? text.slice(1) : text;
}
