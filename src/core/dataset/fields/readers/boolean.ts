import type { Field } from '../../types.ts';
import type { TypeReader } from './type-reader.ts';

/** The defaults of Table Schema. */
export const TRUE_VALUES: readonly string[] = ['true', 'True', 'TRUE', '1'];
export const FALSE_VALUES: readonly string[] = ['false', 'False', 'FALSE', '0'];

export function booleanReader(field: Pick<Field, 'trueValues' | 'falseValues'>): TypeReader {
  const { trueValues = TRUE_VALUES, falseValues = FALSE_VALUES } = field;
  const values = new Map([
    ...trueValues.map((text) => [text, 't'] as const),
    ...falseValues.map((text) => [text, 'f'] as const),
  ]);
  const read = (text: string): string | undefined => values.get(text);
  return {
    read,
    fromJson: (value) =>
      typeof value === 'boolean' ? (value ? 't' : 'f') : typeof value === 'string' ? read(value) : undefined,
    expects: `one of ${trueValues.join(', ')} (true) or ${falseValues.join(', ')} (false)`,
  };
}
