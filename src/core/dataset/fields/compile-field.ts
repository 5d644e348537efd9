// A field of a dataset as a function over cells. The fast path says only yes (with the value) or no; the slow path says why.
import { cutValue, type ConstraintName } from '../../imports/row-error.ts';
import { NOT_ASCII, NULL_CELL } from '../../csv/records/cell-places.ts';
import { allOf, ANY_BYTES, type ByteTest } from './byte-test.ts';
import { compileConstraints, hasAtMost, type ConstraintCheck } from './constraints.ts';
import { createTypeReader } from './readers/create-type-reader.ts';
import type { TypeReader } from './readers/type-reader.ts';
import { nameHidden } from './code-points.ts';
import { compileNormalize, compileUnchanged, isInk } from './normalize.ts';
import { foldValue } from './readers/boolean.ts';
import type { Field, TableSchema, WrittenField } from '../types.ts';

/** One thing wrong with a cell. The message goes on from the column's name: "expects …, got …". */
export interface CellProblem {
  readonly code: 'type-error' | 'constraint-error' | 'cell-error';
  readonly constraint?: ConstraintName;
  readonly message: string;
}

export interface FieldReader {
  /** The cell as Postgres text, null for NULL, or undefined when it is not acceptable. */
  readonly read: (text: string) => string | null | undefined;
  /** Says yes to bytes, one at least, whose text `read` returns as it is; undefined when it never would. */
  readonly takes: ByteTest | undefined;
  /** True when `read('')` is null. */
  readonly emptyIsNull: boolean;
  /** Everything wrong with a cell that `read` refuses; empty for one it takes. */
  readonly explain: (text: string) => CellProblem[];
}

type Read = FieldReader['read'];

const DEFAULT_MISSING_VALUES = [''];

export function isRequired(field: Field, schema: TableSchema): boolean {
  return field.constraints?.required === true || (schema.primaryKey?.includes(field.name) ?? false);
}

/** Texts that mean null. */
export function missingValuesOf(field: Field, schema: TableSchema): Set<string> {
  return new Set<string>(field.missingValues ?? schema.missingValues ?? DEFAULT_MISSING_VALUES);
}

/**
 * Compiles a field of a dataset that `parseDataset` has checked.
 * A cell is null when its text, as it stands or after normalizing, is one of the missing values.
 * @param nullCell what a cell that is NULL in the file is read as, where there may be such
 */
export function compileField(
  field: WrittenField,
  schema: TableSchema,
  nullCell?: typeof NULL_CELL,
): FieldReader {
  const reader = createTypeReader(withDefaults(field, schema));
  const checks = compileConstraints(reader, field);
  const missing = new Set<string>(missingValuesOf(field, schema));
  if (nullCell !== undefined) missing.add(nullCell);
  const required = isRequired(field, schema);
  const normalize = compileNormalize(field);

  const isMissing = compileIsMissing(missing, field.lenientValues ?? schema.lenientValues ?? false);
  const readText = withNull(readChecked(field, reader, checks), isMissing, required ? undefined : null);
  return {
    read: normalize === undefined ? readText : readNormalized(readText, normalize, isMissing),
    takes: allOf([
      notMissing(missing, field.lenientValues ?? schema.lenientValues ?? false),
      compileUnchanged(field.normalize),
      reader.takes,
      ...checks.map(({ takes }) => takes),
    ]),
    emptyIsNull: !required && missing.has(''),
    explain: (text) => {
      const normalized = normalize === undefined || isMissing(text) ? text : normalize(text);
      if (!isMissing(normalized)) return explainText(normalized, text, reader, checks);
      return required
        ? [{ code: 'constraint-error', constraint: 'required', message: explainMissing(text) }]
        : [];
    },
  };
}

/** The field with what its dataset says of all fields of its kind. */
export function withDefaults(
  field: WrittenField,
  { timeZone, timeZoneOverlap, lenientValues }: TableSchema,
): WrittenField {
  if (field.type === 'boolean' && lenientValues !== undefined) return { lenientValues, ...field };
  if (field.type !== 'datetime') return field;
  return {
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(timeZoneOverlap === undefined ? {} : { timeZoneOverlap }),
    ...field,
  };
}

function compileIsMissing(missing: ReadonlySet<string>, isLenient: boolean): (text: string) => boolean {
  if (isLenient) {
    const folded = new Set([...missing].map(foldValue));
    return (text) => folded.has(foldValue(text));
  }
  return missing.size === 1 && missing.has('') ? (text) => text === '' : (text) => missing.has(text);
}

/** A missing value is known by its length: the cells that have it are looked at as text. */
function notMissing(missing: ReadonlySet<string>, isLenient: boolean): ByteTest {
  const texts = [...missing].filter((text) => text !== NULL_CELL);
  if (isLenient) {
    const longest = Math.max(...texts.map((text) => Buffer.byteLength(text)));
    return (bytes, start, end, mark) =>
      (mark & NOT_ASCII) === 0 && end - start > longest && isInk(bytes[start]!) && isInk(bytes[end - 1]!);
  }
  const lengths = new Set(texts.map((text) => Buffer.byteLength(text)));
  lengths.delete(0);
  return lengths.size === 0 ? ANY_BYTES : (_bytes, start, end) => !lengths.has(end - start);
}

/** The type's reader and the checks in one function; the commonest cases have one of their own, for speed. */
function readChecked(
  field: Field,
  reader: TypeReader,
  checks: readonly ConstraintCheck[],
): TypeReader['read'] {
  const { read } = reader;
  const [first, second] = checks;
  if (first === undefined) return read;
  const { passes } = first;
  if (checks.length === 1) {
    const plainText = field.type === 'string' && (field.format ?? 'default') === 'default';
    const max = field.constraints?.maxLength;
    if (plainText && max !== undefined)
      return (text) => (text.length <= max || hasAtMost(text, max) ? text : undefined);
    if (plainText) return (text) => (passes(text) ? text : undefined);
    return (text) => {
      const value = read(text);
      return value !== undefined && passes(value) ? value : undefined;
    };
  }
  if (checks.length === 2)
    return (text) => {
      const value = read(text);
      return value !== undefined && passes(value) && second!.passes(value) ? value : undefined;
    };
  return (text) => {
    const value = read(text);
    return value !== undefined && checks.every((check) => check.passes(value)) ? value : undefined;
  };
}

function withNull(
  read: TypeReader['read'],
  isMissing: (text: string) => boolean,
  whenMissing: null | undefined,
): Read {
  return (text) => (isMissing(text) ? whenMissing : read(text));
}

/** The text as it stands is looked up among the missing values first: normalizing must not hide an "N/A". */
function readNormalized(
  read: Read,
  normalize: (text: string) => string,
  isMissing: (text: string) => boolean,
): Read {
  return (text) => read(isMissing(text) ? text : normalize(text));
}

function explainMissing(text: string): string {
  if (text === NULL_CELL) return 'is required, but the cell is NULL';
  return text.trim() === ''
    ? 'is required, but the cell is empty'
    : `is required, but "${cutValue(text)}" means no value`;
}

/** Quotes the cell as it stood in the file and, when that is another text, as it was read. */
function explainText(
  text: string,
  original: string,
  reader: TypeReader,
  checks: readonly ConstraintCheck[],
): CellProblem[] {
  const value = reader.read(text);
  const why = value === undefined ? reader.why?.(text) : undefined;
  const hidden = why?.includes('U+') === true ? undefined : nameHidden(original);
  const named = hidden === undefined ? '' : ` (${hidden})`;
  const readAs = text === original ? '' : ` (read as "${cutValue(text)}")`;
  const got = `got "${cutValue(original)}"${named}${readAs}`;
  if (value === undefined)
    return [
      {
        code: 'type-error',
        message: `expects ${reader.expects}, ${got}${why === undefined ? '' : `, ${why}`}`,
      },
    ];
  return checks
    .filter((check) => !check.passes(value))
    .map(({ constraint, expects }) => ({
      code: 'constraint-error',
      constraint,
      message: `expects ${expects}, ${got}`,
    }));
}
