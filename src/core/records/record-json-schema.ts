// The records of one dataset as JSON Schema (2020-12, as OpenAPI 3.1 has it): what answers hold, and what may be written.
import type { Field } from '../dataset/types.ts';
import {
  fieldColumns,
  kindOf,
  type ColumnKind,
  type RecordColumn,
  type RecordShape,
} from './record-shape.ts';
import { nameInFiles } from './sought.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A record as it is answered when nothing is selected. */
export function answerSchema({ columns, dataset }: RecordShape): JsonSchema {
  return {
    type: 'object',
    description: `A record of ${dataset.title ?? dataset.name}.`,
    required: columns.map(({ name }) => name),
    properties: Object.fromEntries(columns.map((column) => [column.name, answered(column)])),
  };
}

/** What a record is made of. @param isNew all that is required has to be there */
export function givenSchema(shape: RecordShape, isNew: boolean): JsonSchema {
  const columns = fieldColumns(shape);
  const lookedUp = shape.dataset.schema.fields.filter(({ lookup }) => lookup !== undefined);
  // A key may be given by its other name.
  const required = columns.filter(
    ({ name, field }) => field.constraints?.required === true && !lookedUp.some((each) => each.name === name),
  );
  return {
    type: 'object',
    description: isNew
      ? `A new record of ${shape.dataset.title ?? shape.dataset.name}.`
      : `Fields of a record of ${shape.dataset.title ?? shape.dataset.name}.`,
    ...(isNew && required.length > 0 ? { required: required.map(({ name }) => name) } : {}),
    properties: Object.fromEntries([
      ...columns.map((column) => {
        const of = lookedUp.find(({ name }) => name === column.name);
        return [column.name, of === undefined ? given(column) : keyOrNatural(column, of)];
      }),
      ...lookedUp.flatMap((field) => {
        const name = nameInFiles(field);
        return name === undefined || columns.some((column) => column.name === name)
          ? []
          : [[name, orNull(naturalKey(field))]];
      }),
    ]),
  };
}

/** The column's own value, or the natural key of the row that it refers to. */
function keyOrNatural(column: RecordColumn, field: Field): JsonSchema {
  const natural = {
    type: 'object',
    additionalProperties: false,
    required: [field.lookup!.by],
    properties: { [field.lookup!.by]: naturalKey(field) },
  };
  return { anyOf: [given(column), natural] };
}

function naturalKey(field: Field): JsonSchema {
  const { in: table, by } = field.lookup!;
  const description = `The "${by}" of a row of ${table}, whose key becomes "${field.name}".`;
  return { ...typed({ kind: kindOf(field), field }), description };
}

function answered(column: RecordColumn): JsonSchema {
  const { field, readOnly, nullable } = column;
  const schema = { ...typed(column), ...limits(column) };
  const kinds = [
    schema,
    ...(mayBeNoNumber(column) ? [NO_NUMBER] : []),
    ...(nullable ? [{ type: 'null' }] : []),
  ];
  return {
    ...(kinds.length > 1 ? { anyOf: kinds } : schema),
    ...told(field),
    ...(readOnly ? { readOnly: true } : {}),
  };
}

/** What `numeric`, `real` and `double precision` hold besides numbers; JSON has none of them. */
const NO_NUMBER: JsonSchema = { type: 'string', enum: ['NaN', 'Infinity', '-Infinity'] };

/** Sluice puts none into its own tables, unless the field says so. */
function mayBeNoNumber({ kind, existing, field }: RecordColumn): boolean {
  return kind === 'number' && (existing !== undefined || field.nonFinite === true);
}

/** Texts are read as the cells of a file: what the field declares about them holds for them too. */
function given(column: RecordColumn): JsonSchema {
  const { field, kind } = column;
  const schema = isOwnNotation(field, kind)
    ? { type: 'string', examples: field.example === undefined ? [] : [field.example] }
    : { ...typed(column), ...limits(column) };
  const kinds = [
    schema,
    ...(kind === 'number' && field.nonFinite === true ? [NO_NUMBER] : []),
    ...(field.constraints?.required === true ? [] : [{ type: 'null' }]),
  ];
  return { ...(kinds.length > 1 ? { anyOf: kinds } : schema), ...told(field) };
}

/** Dates of a pattern are sent as the pattern says. */
function isOwnNotation({ format = 'default' }: Field, kind: ColumnKind): boolean {
  return ['date', 'datetime', 'time'].includes(kind) && format !== 'default';
}

function typed({ kind, field }: Pick<RecordColumn, 'kind' | 'field'>): JsonSchema {
  switch (kind) {
    case 'text':
      return field.type === 'string' && (field.format === 'email' || field.format === 'uri')
        ? { type: 'string', format: field.format }
        : { type: 'string' };
    case 'uuid':
      return { type: 'string', format: 'uuid' };
    case 'integer':
    case 'number':
    case 'boolean':
      return { type: kind };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'datetime':
      return { type: 'string', format: 'date-time' };
    case 'time':
      return { type: 'string' };
    case 'json':
      return field.type === 'array' ? { type: 'array', items: {} } : { type: 'object' };
  }
}

function limits({ kind, field: { constraints = {} } }: RecordColumn): JsonSchema {
  const { minLength, maxLength, minimum, maximum, enum: choices } = constraints;
  const isNumber = kind === 'integer' || kind === 'number';
  const least = isNumber ? safeNumber(minimum) : undefined;
  const most = isNumber ? safeNumber(maximum) : undefined;
  return {
    ...(kind === 'text' && minLength !== undefined ? { minLength } : {}),
    ...(kind === 'text' && maxLength !== undefined ? { maxLength } : {}),
    ...(least === undefined ? {} : { minimum: least }),
    ...(most === undefined ? {} : { maximum: most }),
    ...(kind === 'text' && choices !== undefined ? { enum: choices } : {}),
  };
}

/** One that a double holds as it is written. */
function safeNumber(limit: string | number | undefined): number | undefined {
  const number = Number(limit);
  return limit !== undefined && String(number) === String(limit) && Number.isFinite(number)
    ? number
    : undefined;
}

function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}

function told({ title, description, format, type, constraints }: Field): JsonSchema {
  const words = [
    description,
    ['date', 'datetime', 'time'].includes(type) && format !== undefined && format !== 'default'
      ? `In files and requests: ${format}.`
      : undefined,
    constraints?.pattern === undefined ? undefined : `Matches ${constraints.pattern}.`,
  ].filter((each) => each !== undefined);
  return {
    ...(title === undefined ? {} : { title }),
    ...(words.length === 0 ? {} : { description: words.join(' ') }),
  };
}
