// The characters between groups of digits. Those that look the same stand for each other: programs write now one, now the other.

const ALIKE = [' \u00a0\u2009\u202f', "'\u2019"];

/** The characters that a declared one stands for, as one text. */
export function groupClass(char: string): string {
  return ALIKE.find((alike) => alike.includes(char)) ?? char;
}

/** One text of characters for each kind of separator. */
export function groupClasses(groupChar: string | readonly string[] = []): string[] {
  return [...new Set([groupChar].flat().map(groupClass))];
}

export function escapeForClass(chars: string): string {
  return chars.replace(/[\\\]^-]/g, '\\$&');
}

/**
 * The digits before the decimal character, as the source of a regular expression. Groups have three digits (or two but for the last, as in
 * India), and the first begins with no 0: "1,5" is not fifteen, "0.500" not 500. One number has separators of one kind.
 */
export function wholePart(classes: readonly string[]): string {
  const grouped = classes.flatMap((chars) => {
    const group = `[${escapeForClass(chars)}]`;
    return [`[1-9][0-9]{0,2}(?:${group}[0-9]{3})+`, `[1-9][0-9]?(?:${group}[0-9]{2})+${group}[0-9]{3}`];
  });
  return [...grouped, '[0-9]*'].join('|');
}

/** Takes the separators out of digits that `wholePart` has matched. */
export function compileUngroup(classes: readonly string[]): (digits: string) => string {
  const [only = '', ...more] = classes;
  if (only === '') return (digits) => digits;
  if (more.length === 0 && only.length === 1) return (digits) => digits.replaceAll(only, '');
  return (digits) => digits.replace(/[^0-9]+/g, '');
}
