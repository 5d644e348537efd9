// What a number format makes of a number: a date, a time, a duration, a text of digits, or just a number.

export interface DateFormat {
  readonly kind: 'date';
  readonly hasDate: boolean;
  readonly hasTime: boolean;
  /** Month and year alone. */
  readonly lacksDay: boolean;
  /** Hours that go on beyond 24. */
  readonly isElapsed: boolean;
}

export type NumberFormat =
  | { readonly kind: 'number' }
  | DateFormat
  /** Digits and what stands between them, such as `00000` or `000-0000`. */
  | { readonly kind: 'mask'; readonly mask: string }
  | { readonly kind: 'percent' };

export const PLAIN: NumberFormat = { kind: 'number' };
const DAY: NumberFormat = { kind: 'date', hasDate: true, hasTime: false, lacksDay: false, isElapsed: false };
const MONTH: NumberFormat = { ...DAY, lacksDay: true };
const TIME: NumberFormat = { ...DAY, hasDate: false, hasTime: true };
const MOMENT: NumberFormat = { ...DAY, hasTime: true };
const ELAPSED: NumberFormat = { ...TIME, isElapsed: true };
/** Of one language a date and of another a time: the number itself says which. */
const EITHER: NumberFormat = { ...DAY, hasDate: false };
const PERCENT: NumberFormat = { kind: 'percent' };

/** Formats that a workbook does not spell out (ECMA-376, 18.8.30), those of East Asian and Thai Excel among them. */
const BUILT_IN = new Map<number, NumberFormat>([
  [9, PERCENT],
  [10, PERCENT],
  [14, DAY],
  [15, DAY],
  [16, DAY],
  [17, MONTH],
  [18, TIME],
  [19, TIME],
  [20, TIME],
  [21, TIME],
  [22, MOMENT],
  ...[27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58].map((id) => [id, DAY] as const),
  ...[32, 33].map((id) => [id, TIME] as const),
  ...[34, 35, 55, 56].map((id) => [id, EITHER] as const),
  [45, TIME],
  [46, ELAPSED],
  [47, TIME],
  ...[71, 72, 73, 74].map((id) => [id, DAY] as const),
  ...[75, 76, 78, 80].map((id) => [id, TIME] as const),
  [77, MOMENT],
  [79, ELAPSED],
  [81, DAY],
]);

export function builtInFormat(id: number): NumberFormat {
  return BUILT_IN.get(id) ?? PLAIN;
}

/** Texts in quotes and behind `\`, `_` and `*`, and what stands in brackets, unless it is elapsed time. */
const LITERALS = /"[^"]*"?|[\\_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi;
const ELAPSED_PART = /\[(?:h+|m+|s+)\]/i;
const MASK = /^[0\- ()/]*0[0\- ()/]*0[0\- ()/]*$/;

export function readFormat(code: string): NumberFormat {
  const [positive = ''] = code.replace(LITERALS, maskOf).split(';');
  const letters = positive
    .replaceAll('\u0000', '')
    .replace(/general/gi, '')
    .toLowerCase();
  const marks = letters.replace(/e[+-]/g, '');
  const isElapsed = ELAPSED_PART.test(marks);
  const hasTime = isElapsed || /[hs]/.test(marks);
  const hasDay = /d/.test(marks);
  const hasYear = /[yeg]|b{2}/.test(marks);
  const hasDate = hasDay || hasYear || (!hasTime && /m/.test(marks));
  if (hasDate || hasTime)
    return {
      kind: 'date',
      hasDate,
      hasTime,
      isElapsed,
      lacksDay: hasYear && !hasDay && !hasTime && /m/.test(marks),
    };
  if (positive.includes('%')) return PERCENT;
  const mask = unquote(code.split(';')[0] ?? '');
  return MASK.test(mask) ? { kind: 'mask', mask } : PLAIN;
}

/** A literal hides its letters and not its being there. */
function maskOf(literal: string): string {
  return '\u0000'.repeat(literal.length === 0 ? 0 : 1);
}

/** A mask as it is shown: `000\-0000` is `000-0000`. */
function unquote(code: string): string {
  return code.replace(/"([^"]*)"|\\(.)/g, (_, quoted?: string, char?: string) => quoted ?? char ?? '');
}

/** A whole number that is not negative in a mask; undefined for others. */
export function fillMask(mask: string, digits: string): string | undefined {
  if (!/^\d+$/.test(digits)) return undefined;
  let rest = digits;
  let text = '';
  const first = mask.indexOf('0');
  for (let at = mask.length - 1; at >= 0; at--) {
    if (mask[at] !== '0') text = mask[at] + text;
    else if (at === first) text = rest.padStart(1, '0') + text;
    else {
      text = (rest.at(-1) ?? '0') + text;
      rest = rest.slice(0, -1);
    }
  }
  return text;
}
