// Checks the steps that a field's cells go through before they are read.
import { isCount } from './constraint-shapes.ts';
import { describe, type DocumentProblems, type JsonObject } from './document-problems.ts';

export const NORMALIZE_WORDS = [
  'trim',
  'collapseSpaces',
  'nfc',
  'nfkc',
  'lowercase',
  'uppercase',
  'digits',
  'digitsOnly',
  'excelText',
];

const MAX_PADDED_CHARS = 1000;

/** As JSON Schema. */
export const NORMALIZE_SCHEMA: JsonObject = {
  type: 'array',
  items: {
    anyOf: [
      { enum: NORMALIZE_WORDS },
      {
        type: 'object',
        required: ['padStart'],
        additionalProperties: false,
        properties: {
          padStart: {
            type: 'object',
            required: ['length', 'from'],
            additionalProperties: false,
            properties: {
              length: { type: 'integer', minimum: 2, maximum: MAX_PADDED_CHARS },
              from: { type: 'array', minItems: 1, items: { type: 'integer', minimum: 1 } },
              with: { type: 'string', minLength: 1, maxLength: 1 },
            },
          },
        },
      },
      {
        type: 'object',
        required: ['remove'],
        additionalProperties: false,
        properties: { remove: { type: 'string', minLength: 1 } },
      },
      {
        type: 'object',
        required: ['replace'],
        additionalProperties: false,
        properties: {
          replace: {
            type: 'object',
            required: ['text', 'with'],
            additionalProperties: false,
            properties: { text: { type: 'string', minLength: 1 }, with: { type: 'string' } },
          },
        },
      },
    ],
  },
};

export function checkNormalize(value: unknown, pointer: string, problems: DocumentProblems): void {
  for (const [index, step] of (problems.list(value, pointer) ?? []).entries()) {
    const wrong = wrongStep(step);
    if (wrong !== undefined) problems.add(`${pointer}/${index}`, `${wrong}, not ${describe(step)}.`);
  }
}

function wrongStep(step: unknown): string | undefined {
  if (typeof step === 'string' && NORMALIZE_WORDS.includes(step)) return undefined;
  const object = typeof step === 'object' && step !== null ? (step as JsonObject) : { step };
  const { padStart, remove, replace, ...more }: JsonObject = object;
  if (Object.keys(object).length === 1 && replace !== undefined)
    return isReplace(replace)
      ? undefined
      : 'must be {"replace": {"text": "-", "with": ""}}: a text of one character or more, and what comes in its place';
  if (Object.keys(more).length === 0) {
    if (padStart !== undefined && remove === undefined)
      return isPadStart(padStart)
        ? undefined
        : 'must be {"padStart": {"length": 11, "from": [10], "with": "0"}}: the length that digits are filled up to, the shorter lengths that are filled, and one character';
    if (padStart === undefined && typeof remove === 'string' && remove !== '') return undefined;
  }
  const words = NORMALIZE_WORDS.map((word) => `"${word}"`).join(', ');
  return `must be ${words}, {"padStart": {…}}, {"remove": "text"} or {"replace": {"text": "a", "with": "b"}}`;
}

function isReplace(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { text, with: by, ...more } = value as JsonObject;
  return Object.keys(more).length === 0 && typeof text === 'string' && text !== '' && typeof by === 'string';
}

function isPadStart(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { length, from, with: fill = '0', ...more } = value as JsonObject;
  return (
    Object.keys(more).length === 0 &&
    isCount(length, 2, MAX_PADDED_CHARS) &&
    Array.isArray(from) &&
    from.length > 0 &&
    from.every((each) => isCount(each, 1, (length as number) - 1)) &&
    typeof fill === 'string' &&
    fill.length === 1
  );
}
