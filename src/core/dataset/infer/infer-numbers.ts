// How a column writes its numbers, told by all of its values together.
import type { Inferred } from './infer-column.ts';

interface Form {
  readonly decimalChar: '.' | ',';
  readonly groupChar?: string;
  /** A number in it; the first group are the decimals. */
  readonly pattern: RegExp;
}

const GROUPS = [undefined, ',', '.', ' ', "'", '\u00a0', '\u202f'] as const;

/** No number of more than one digit begins with 0, as codes and telephone numbers do. */
const FORMS: readonly Form[] = (['.', ','] as const).flatMap((decimalChar) =>
  GROUPS.filter((groupChar) => groupChar !== decimalChar).map((groupChar) => {
    const decimals = `(?:[${decimalChar}](\\d+))?`;
    const whole =
      groupChar === undefined ? '(?:0|[1-9]\\d*)' : `(?:0|[1-9]\\d{0,2}(?:[${groupChar}]\\d{3})*)`;
    const exponent = groupChar === undefined && decimalChar === '.' ? '(?:[eE][+-]?\\d+)?' : '';
    return {
      decimalChar,
      ...(groupChar === undefined ? {} : { groupChar }),
      pattern: new RegExp(`^[+-]?${whole}${decimals}${exponent}$`, 'u'),
    };
  }),
);

const INTEGER = /^[+-]?(?:0|[1-9]\d{0,17})$/;

/** Undefined when they are no numbers. Of several forms that fit and read the same values alike, the first is taken. */
export function inferNumbers(values: readonly string[]): Inferred | undefined {
  if (values.every((value) => INTEGER.test(value))) return { type: 'integer' };
  const fitting = FORMS.filter(({ pattern }) => values.every((value) => pattern.test(value)));
  const [form] = fitting;
  if (form === undefined) return undefined;
  const isOpen = fitting.some((other) => values.some((value) => read(value, form) !== read(value, other)));
  if (isOpen) return { type: 'number', isOpen };
  const { decimalChar, groupChar } = form;
  const notation = {
    ...(decimalChar === '.' ? {} : { decimalChar }),
    ...(groupChar === undefined ? {} : { groupChar }),
  };
  const hasDecimals = values.some(
    (value) => /[eE]/.test(value) || form.pattern.exec(value)?.[1] !== undefined,
  );
  return hasDecimals ? { type: 'number', ...notation } : { type: 'integer', ...notation };
}

function read(value: string, { decimalChar, groupChar }: Form): number {
  const whole = groupChar === undefined ? value : value.replaceAll(groupChar, '');
  return Number(whole.replace(decimalChar, '.'));
}
