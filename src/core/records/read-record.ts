// Records that come as JSON, judged by the same readers as the cells of a file.
import { LosslessNumber, stringify } from 'lossless-json';
import type { ErrorItem } from '../../errors.ts';
import {
  compileField,
  isRequired,
  withDefaults,
  type CellProblem,
  type FieldReader,
} from '../dataset/fields/compile-field.ts';
import { asSaidInJson } from '../dataset/fields/json-field.ts';
import { compileConstraints } from '../dataset/fields/constraints.ts';
import { createTypeReader } from '../dataset/fields/readers/create-type-reader.ts';
import { listField } from '../dataset/fields/repeated-field.ts';
import { isTooLong } from '../dataset/rows/too-long.ts';
import { didYouMean } from '../dataset/header/nearest.ts';
import { cutValue } from '../imports/row-error.ts';
import type { Field, TableSchema, WrittenField } from '../dataset/types.ts';
import { escapePointer } from './json-query.ts';
import { asColumnTakes } from './existing-shape.ts';
import { fieldColumns, kindOf, type RecordColumn, type RecordShape } from './record-shape.ts';
import { givenTwice, nameInFiles, naturalKeyOf, Sought, type ReadValues } from './sought.ts';
import type { Value } from './write-record.ts';

/** The fields that a record gives, each as Postgres reads it. */
export type GivenValues = ReadonlyMap<string, Value>;

/**
 * `whole`: a required field that is not given is an error. `partial`: what is not given is left as it is.
 */
export type Extent = 'whole' | 'partial';

export interface RecordReader {
  /** Of one record; its pointer stands before those of its fields. All that is wrong, or the values. */
  read(value: unknown, pointer: string, extent: Extent): ReadValues | ErrorItem[];
}

/** Beyond these nobody reads. */
const MOST_ERRORS = 100;

export function isRefused(read: ReadValues | ErrorItem[]): read is ErrorItem[] {
  return Array.isArray(read);
}

/** @param maxValueBytes the longest value, as of a cell of a file */
export function compileRecordReader(shape: RecordShape, maxValueBytes: number): RecordReader {
  const { schema } = shape.dataset;
  const columns = new Map(fieldColumns(shape).map((column) => [column.name, column]));
  const fields = new Map(
    [...columns.values()].map((column) => [column.name, compileValue(column, schema, maxValueBytes)]),
  );
  const keys = compileKeys(shape, maxValueBytes);
  const filled = new Set(shape.columns.filter(({ readOnly }) => readOnly).map(({ name }) => name));
  const required = schema.fields.filter((field) => isRequired(field, schema)).map(({ name }) => name);
  const sensitive = new Set(
    schema.fields.filter((field) => field.sensitive === true).map(({ name }) => name),
  );

  return {
    read(value, pointer, extent) {
      if (!isPlainObject(value))
        return [
          {
            code: 'type-error',
            pointer,
            detail: `A record is an object, such as {"${schema.fields[0]?.name ?? 'name'}": …}.`,
          },
        ];
      const given = new Map<string, Value | Sought>();
      const errors: ErrorItem[] = [];
      const names = new Set<string>();
      for (const [named, inner] of Object.entries(value)) {
        const key = keys.find(named, inner, columns);
        const name = key?.column ?? named;
        names.add(name);
        if (key !== undefined && key.column !== named && key.column in value)
          errors.push(givenTwice(key.field, `${pointer}/${escapePointer(named)}`));
        // A record that was read can be sent back as it is.
        if (filled.has(name)) continue;
        const at = `${pointer}/${escapePointer(named)}`;
        const field = key?.read ?? fields.get(name);
        if (field === undefined)
          errors.push({ code: 'unknown-field', pointer: at, detail: unknownField(shape, name) });
        else {
          const read = field(key === undefined ? inner : key.value);
          if (read === null) given.set(name, null);
          else if (typeof read === 'string' && key !== undefined) given.set(name, new Sought(read, at));
          else if (typeof read === 'string') given.set(name, asColumnTakes(columns.get(name)!, read));
          else errors.push(...read.map((problem) => toItem(hide(problem, sensitive.has(name)), named, at)));
        }
      }
      if (extent === 'whole')
        for (const name of required)
          if (!names.has(name))
            errors.push(
              toItem(
                {
                  code: 'constraint-error',
                  constraint: 'required',
                  message: 'is required, but is not given',
                },
                name,
                `${pointer}/${escapePointer(name)}`,
              ),
            );
      return errors.length === 0 ? given : errors.slice(0, MOST_ERRORS);
    },
  };
}

interface FoundKey {
  readonly column: string;
  /** Of the dataset: it says how the key is read. */
  readonly field: Field;
  readonly value: unknown;
  readonly read: ReadValue;
}

/** How natural keys are read, which stand for the value of a column that refers to another table. */
function compileKeys(shape: RecordShape, maxValueBytes: number) {
  const { schema } = shape.dataset;
  const readers = new Map(
    schema.fields
      .filter(({ lookup }) => lookup !== undefined)
      .map((field) => {
        const column = { ...fieldColumns(shape).find(({ name }) => name === field.name)!, field };
        return [
          field.name,
          { field, read: compileValue({ ...column, kind: kindOf(field) }, schema, maxValueBytes) },
        ] as const;
      }),
  );
  const byName = new Map([...readers.values()].map((each) => [nameInFiles(each.field), each]));
  return {
    find(name: string, value: unknown, columns: ReadonlyMap<string, RecordColumn>): FoundKey | undefined {
      const named = columns.has(name) ? undefined : byName.get(name);
      if (named !== undefined) return { column: named.field.name, value, ...named };
      const own = readers.get(name);
      const key = own && naturalKeyOf(own.field, value);
      return key && own && { column: name, ...key, ...own };
    },
  };
}

function unknownField({ columns, links }: RecordShape, name: string): string {
  if (links.some(({ table, column }) => table === name || column === name))
    return `Fields of the linked table "${cutValue(name)}" stand among the others: give them by their names.`;
  const names = columns.filter(({ readOnly }) => !readOnly).map((column) => column.name);
  return `There is no field "${cutValue(name)}".${didYouMean(name, names)}`;
}

function toItem(problem: CellProblem | SizeProblem, field: string, pointer: string): ErrorItem {
  const { code, message } = problem;
  const constraint = 'constraint' in problem ? { constraint: problem.constraint } : {};
  return {
    code,
    pointer,
    field,
    ...constraint,
    detail: `Field "${field}" ${message.replace('the cell', 'the value')}.`,
  };
}

/** Of a sensitive field without its value, which the other messages quote. */
function hide(problem: CellProblem | SizeProblem, isSensitive: boolean): CellProblem | SizeProblem {
  if (!isSensitive || problem.code === 'size-error' || problem.message.startsWith('is required'))
    return problem;
  const { code } = problem;
  const breaks = problem.constraint === undefined ? 'is not of its type' : `breaks its ${problem.constraint}`;
  return { ...problem, code, message: `${breaks}; the value is not shown, because the field is sensitive` };
}

interface SizeProblem {
  readonly code: 'size-error';
  readonly message: string;
}

type Reader = Pick<FieldReader, 'read' | 'explain'>;
type Problems = readonly (CellProblem | SizeProblem)[];
type ReadValue = (value: unknown) => Value | Problems;

/**
 * A text is read as a cell of a file would be, except that a date or time in the form of JSON (ISO 8601, RFC 3339), which is how Sluice
 * writes it, is what it says there. Numbers, booleans, objects and lists are what they are in JSON, whatever notation the files have.
 */
function compileValue({ field, kind }: RecordColumn, schema: TableSchema, maxValueBytes: number): ReadValue {
  const asCell = compileField(
    field.repeated === true ? listField(field) : asSaidInJson(field, schema),
    schema,
  );
  const asJson = compileJson(field, schema);
  const isMoment = kind === 'date' || kind === 'datetime' || kind === 'time';
  const required = isRequired(field, schema);

  const readText = (text: string, first: Reader, second?: Reader): Value | Problems => {
    if (isTooLong(text, maxValueBytes))
      return [
        {
          code: 'size-error',
          message: `holds ${Buffer.byteLength(text)} bytes; a value may have at most ${maxValueBytes} (SLUICE_MAX_CELL_BYTES)`,
        },
      ];
    if (UNSTORABLE.test(text))
      return [
        {
          code: 'type-error',
          message: 'holds a character that Postgres cannot store: U+0000, or half of a surrogate pair',
        },
      ];
    const read = first.read(text);
    if (read !== undefined) return read;
    const again = second?.read(text);
    if (again !== undefined) return again;
    const problems = first.explain(text);
    // One that has the form of JSON and breaks a rule is told by that.
    return second === undefined || problems.some(({ code }) => code === 'constraint-error')
      ? problems
      : second.explain(text);
  };

  return (value) => {
    if (value === null)
      return required
        ? [{ code: 'constraint-error', constraint: 'required', message: 'is required, but is null' }]
        : null;
    if (typeof value === 'string')
      return isMoment ? readText(value, asJson, asCell) : readText(value, asCell);
    if (typeof value === 'boolean') return readText(String(value), kind === 'boolean' ? asJson : asCell);
    if (value instanceof LosslessNumber) {
      const isNumber = kind === 'number' || kind === 'integer';
      return readText(numberText(value.value, field.type), isNumber ? asJson : asCell);
    }
    if (kind === 'json') return readText(stringify(value) ?? 'null', asCell);
    return [
      {
        code: 'type-error',
        message: `expects a text, a number or a boolean, got ${Array.isArray(value) ? 'a list' : 'an object'}`,
      },
    ];
  };
}

const UNSTORABLE = /\0|\p{Surrogate}/u;

/** In JSON `2.0` is a whole number, and 800 a year. */
function numberText(text: string, type: string): string {
  if (type === 'integer') return text.replace(/\.0+$/, '');
  return type === 'year' && /^\d{1,3}$/.test(text) ? text.padStart(4, '0') : text;
}

/** Values in the form of JSON; limits and lists of values are those of the field, in whatever notation it writes them. */
function compileJson(field: WrittenField, schema: TableSchema): Pick<FieldReader, 'read' | 'explain'> {
  const form = compileField(jsonField(field), { fields: [], missingValues: [], ...zoneOf(schema) });
  const checks = compileConstraints(createTypeReader(withDefaults(field, schema)), field);
  return {
    read: (text) => {
      const value = form.read(text);
      return typeof value === 'string' && checks.every((check) => check.passes(value)) ? value : undefined;
    },
    explain: (text) => {
      const value = form.read(text);
      if (typeof value !== 'string') return form.explain(text);
      return checks
        .filter((check) => !check.passes(value))
        .map(({ constraint, expects }) => ({
          code: 'constraint-error',
          constraint,
          message: `expects ${expects}, got "${cutValue(text)}"`,
        }));
    },
  };
}

function zoneOf({
  timeZone,
  timeZoneOverlap,
}: TableSchema): Pick<TableSchema, 'timeZone' | 'timeZoneOverlap'> {
  return {
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(timeZoneOverlap === undefined ? {} : { timeZoneOverlap }),
  };
}

function jsonField({ name, type, format, timeZone, timeZoneOverlap }: WrittenField): WrittenField {
  return {
    name,
    type,
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(timeZoneOverlap === undefined ? {} : { timeZoneOverlap }),
    ...(type === 'string' && format !== undefined ? { format } : {}),
  };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LosslessNumber)
  );
}
