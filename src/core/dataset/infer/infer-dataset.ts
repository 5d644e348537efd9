// What was found in the columns of a file becomes a dataset, and each choice a sentence that says on what it stands.
import { counted } from '../../counted.ts';
import { columnKeys, foldHeader, ownColumns, type ColumnMapping } from '../header/mapping.ts';
import type { Dataset, Field } from '../types.ts';
import { KINDS } from './cell-kinds.ts';
import type { ColumnFindings, CounterExample } from './column-evidence.ts';
import { fieldNames } from './field-names.ts';

export interface InferredField {
  /** From 1. */
  readonly index: number;
  /** As it stands in the file. */
  readonly header: string;
  /** The name of the field. */
  readonly field: string;
  /** Cells with a value, and without one. */
  readonly values: number;
  readonly empty: number;
  /** Why it has its type. */
  readonly because: string;
  /** The cell that keeps it from being more than a text. */
  readonly counterExample: CounterExample | undefined;
  /** Why it is required, or not. */
  readonly required: string;
  /** All values differ; null: they are no keys, or there were too many to tell. */
  readonly isUnique: boolean | null;
  /** Where the first value is that is there twice. */
  readonly repeated: { readonly line: number; readonly value: string } | undefined;
  /** The only values, where they became an `enum`. */
  readonly choices: readonly { readonly value: string; readonly count: number }[] | undefined;
  /** Of the longest value. */
  readonly longestBytes: number;
}

export interface InferredDataset {
  readonly dataset: Dataset;
  readonly columns: readonly InferredField[];
  /** To be sent with an import: headers are missing or there twice. Undefined: the headers say it all. */
  readonly mapping: ColumnMapping | undefined;
}

export interface InferChoices {
  readonly name: string;
  readonly types: 'detect' | 'text';
}

/** An `enum` has at most so many values, each of them there so often in the mean. */
const MOST_ENUM = 12;
const LEAST_REPEATS = 10;
/** In fewer records values may differ by chance. */
const LEAST_KEYS = 10;

/** @param header undefined: the file has none */
export function inferDataset(
  header: readonly string[] | undefined,
  findings: readonly ColumnFindings[],
  { name, types }: InferChoices,
): InferredDataset {
  const headers = header ?? findings.map(() => '');
  const names = fieldNames(headers);
  const isDetected = types === 'detect';
  const titles = titlesOf(headers, names);
  const fields = findings.map((found, at) => fieldOf(names[at]!, titles[at], found, isDetected));
  const key = isDetected ? findings.findIndex(isKey) : -1;
  return {
    dataset: {
      name,
      schema: { fields, ...(key === -1 ? {} : { primaryKey: [names[key]!] }) },
      target: { table: name.replaceAll('-', '_') },
    },
    columns: findings.map((found, at) => ({
      index: at + 1,
      header: headers[at]!,
      field: names[at]!,
      values: found.values,
      empty: found.empty,
      because: isDetected ? because(found) : 'All columns were to be kept as texts.',
      counterExample: found.counterExample,
      required: sayRequired(found),
      isUnique: found.isUnique ?? null,
      repeated: found.repeated,
      choices: isDetected ? choicesOf(found) : undefined,
      longestBytes: found.longestBytes,
    })),
    mapping: header === undefined ? undefined : mappingOf(header, names),
  };
}

/** Headers that mean one column alone, where the name does not say it. */
function titlesOf(headers: readonly string[], names: readonly string[]): (string | undefined)[] {
  const folded = headers.map(foldHeader);
  const counts = new Map<string, number>();
  for (const each of folded) counts.set(each, (counts.get(each) ?? 0) + 1);
  return headers.map((header, at) => {
    const isPlain = folded[at] === '' || folded[at] === names[at] || counts.get(folded[at]!)! > 1;
    return isPlain ? undefined : header.trim();
  });
}

function fieldOf(name: string, title: string | undefined, found: ColumnFindings, isDetected: boolean): Field {
  const choices = isDetected ? choicesOf(found) : undefined;
  const constraints = {
    ...(isDetected && found.values > 0 && found.empty === 0 ? { required: true } : {}),
    ...(choices === undefined ? {} : { enum: choices.map(({ value }) => value) }),
  };
  return {
    name,
    ...KINDS[found.kind ?? 'text'].field,
    ...(title === undefined ? {} : { title }),
    // Else it would become NULL.
    ...(found.emptyTexts < found.empty && found.emptyTexts > 0 ? { missingValues: [] } : {}),
    ...(Object.keys(constraints).length === 0 ? {} : { constraints }),
  };
}

function choicesOf({ kind, values, choices }: ColumnFindings): ColumnFindings['choices'] {
  const isFew =
    choices !== undefined && choices.length <= MOST_ENUM && values >= choices.length * LEAST_REPEATS;
  return kind === 'text' && isFew ? choices : undefined;
}

function isKey({ values, empty, isUnique }: ColumnFindings): boolean {
  return isUnique === true && empty === 0 && values >= LEAST_KEYS;
}

function because({ kind, values, counterExample, before }: ColumnFindings): string {
  if (kind === undefined) return 'No cell has a value, so nothing says more than that it is a text.';
  if (kind !== 'text') {
    const { called, field } = KINDS[kind];
    const zone =
      field.timeZone === undefined
        ? ''
        : ' They are read as UTC: change "timeZone" if they are of another zone.';
    return values === 1
      ? `Its only value is one of the ${called}.${zone}`
      : `All ${counted(values, 'value')} are ${called}.${zone}`;
  }
  const { line, value, reason } = counterExample!;
  const cell = `"${value}" (line ${line}) ${reason}.`;
  return before === undefined || before.values === 0
    ? cell
    : `${cell} The ${counted(before.values, 'value')} before it ${before.values === 1 ? 'is one of the' : 'are'} ${KINDS[before.kind].called}.`;
}

function sayRequired({ values, empty }: ColumnFindings): string {
  return empty === 0
    ? `All ${counted(values, 'record')} have a value.`
    : `${counted(empty, 'record')} of ${values + empty} have none.`;
}

/** Columns that the names of the fields do not tell apart are named by their places. */
function mappingOf(header: readonly string[], names: readonly string[]): ColumnMapping | undefined {
  const folded = header.map(foldHeader);
  const own = new Set(folded);
  if (own.size === header.length && !own.has('')) return undefined;
  const keys = columnKeys(ownColumns(header));
  return Object.fromEntries(keys.map((key, at) => [key, names[at]!]));
}
