// Characters that a message would show like others, or not at all: they are named by their code point.

/** Blanks of every width, controls, marks without a width, and dashes, which look like a blank, like nothing and like "-". */
const LOOKS_LIKE_ANOTHER = /(?! )[\p{Zs}\p{Zl}\p{Zp}\p{Cc}\p{Cf}]|(?!-)[\p{Pd}\u2212\u02d7]/u;

export function codePoint(char: string): string {
  return `U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The first such character of a text, for a message: "character 2 is U+00A0". */
export function nameHidden(text: string): string | undefined {
  const chars = Array.from(text);
  const composed = Array.from(text.normalize('NFC'));
  // A letter and the mark on it look like the one character that they could be.
  const isSplit = composed.length < chars.length;
  const at = chars.findIndex(
    (char, index) =>
      LOOKS_LIKE_ANOTHER.test(char) || (isSplit && /\p{M}/u.test(char) && char !== composed[index]),
  );
  return at === -1 ? undefined : `character ${at + 1} is ${codePoint(chars[at]!)}`;
}
