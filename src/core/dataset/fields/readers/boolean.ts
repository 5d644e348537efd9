import type { Field } from '../../types.ts';
import type { TypeReader } from './type-reader.ts';

/** The defaults of Table Schema. */
export const TRUE_VALUES: readonly string[] = ['true', 'True', 'TRUE', '1'];
export const FALSE_VALUES: readonly string[] = ['false', 'False', 'FALSE', '0'];

/** What values are compared by where case and blanks around them do not matter. */
export function foldValue(text: string): string {
  return text.trim().toLowerCase();
}

export function booleanReader(
  field: Pick<Field, 'trueValues' | 'falseValues' | 'lenientValues'>,
): TypeReader {
  const { trueValues = TRUE_VALUES, falseValues = FALSE_VALUES, lenientValues = false } = field;
  const fold = lenientValues ? foldValue : (text: string): string => text;
  const values = new Map([
    ...trueValues.map((text) => [fold(text), 't'] as const),
    ...falseValues.map((text) => [fold(text), 'f'] as const),
  ]);
  const read = lenientValues
    ? (text: string): string | undefined => values.get(foldValue(text))
    : (text: string): string | undefined => values.get(text);
  return {
    read,
    fromJson: (value) =>
      typeof value === 'boolean' ? (value ? 't' : 'f') : typeof value === 'string' ? read(value) : undefined,
    ...(lenientValues ? {} : { why: whyNotExact(new Set([...trueValues, ...falseValues].map(foldValue))) }),
    expects: `one of ${trueValues.join(', ')} (true) or ${falseValues.join(', ')} (false)`,
  };
}

function whyNotExact(folded: ReadonlySet<string>): (text: string) => string | undefined {
  return (text) =>
    folded.has(foldValue(text))
      ? 'which differs in case or blanks; declare lenientValues to take it'
      : undefined;
}
