/** What begins Japanese text in ISO-2022-JP, whose bytes are all ASCII: read as UTF-8 it would land as garbage. */
const JIS = /\x1b(?:\$[@B]|\$\([DOPQ]|\([IJ])/;
const ESC = 0x1b;
const DOLLAR = 0x24;
const PARENTHESIS = 0x28;
/** One byte less than the longest of these. */
export const JIS_BYTES_BEFORE = 3;

/**
 * Where an escape sequence of ISO-2022-JP begins, perhaps in the bytes before (then less than 0); Infinity: nowhere.
 * @param before the last bytes before, `JIS_BYTES_BEFORE` of them
 */
export function findJis(before: Buffer, text: Buffer): number {
  const last = before.toString('latin1');
  const atBorder = (last + text.toString('latin1', 0, JIS_BYTES_BEFORE)).search(JIS);
  if (atBorder !== -1) return atBorder - last.length;
  for (let at = text.indexOf(ESC); at !== -1; at = text.indexOf(ESC, at + 1)) {
    const second = text[at + 1];
    if (second !== DOLLAR && second !== PARENTHESIS) continue;
    if (JIS.test(text.toString('latin1', at, at + 1 + JIS_BYTES_BEFORE))) return at;
  }
  return Infinity;
}
