// Names in `select`, `order` and filters. One that holds a comma, a dot or a bracket stands in quotes, with a backslash before `"` and `\`.

const QUOTED = /"((?:[^"\\]|\\.)*)"(?=[.,()\s]|$)/sy;

/** The name in quotes that a text begins with, and what follows it; undefined: it begins with none. */
export function quotedName(text: string): { readonly name: string; readonly rest: string } | undefined {
  QUOTED.lastIndex = 0;
  const found = QUOTED.exec(text);
  return found === null ? undefined : { name: unescapeName(found[1]!), rest: text.slice(QUOTED.lastIndex) };
}

export function unescapeName(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}

/** At commas that are in no name in quotes, and in no brackets if these have a meaning; without blanks around the parts. */
export function splitNames(text: string, hasBrackets: boolean): string[] {
  const parts: string[] = [];
  let from = 0;
  let depth = 0;
  let beginsName = true;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    QUOTED.lastIndex = at;
    if (beginsName && char === '"' && QUOTED.test(text)) {
      at = QUOTED.lastIndex - 1;
      beginsName = false;
      continue;
    }
    if (hasBrackets) depth += char === '(' ? 1 : char === ')' ? -1 : 0;
    if (char === ',' && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
    beginsName = char === ',' || (hasBrackets && char === '(') || (beginsName && char === ' ');
  }
  return [...parts, text.slice(from)].map((part) => part.trim());
}
