// The door through which dataset documents come in: what has passed here is trusted everywhere else.
import { AppError } from '../../../errors.ts';
import { checkField } from './check-field.ts';
import { checkLookupPlaces, checkTarget, saysExisting, withNamesApart } from './check-target.ts';
import { checkSchemaDefaults } from './schema-defaults.ts';
import { describe, DocumentProblems, type JsonObject } from './document-problems.ts';
import { checkJson } from './check-json.ts';
import { checkRetention } from './check-retention.ts';
import {
  DATASET_NAME,
  DOCUMENT_PROPERTIES,
  MOST_FIELDS,
  MOST_KEY_FIELDS,
  MOST_PATTERN_CHARS,
  SCHEMA_PROPERTIES,
} from './properties.ts';
import { foldHeader, labelsOf } from '../header/mapping.ts';
import type { Dataset, Field, TableSchema, Target } from '../types.ts';

/**
 * Checks a whole document and fills in what the standard leaves out: a field's type is `string`, a primary key given as
 * one name is a list of one, and a retention in days is a duration.
 * @param source where the document comes from, for the message: a file name, "the request"
 * @throws AppError DATASET_INVALID with one item for each problem
 */
export function parseDataset(document: unknown, source: string): Dataset {
  const problems = new DocumentProblems();
  if (!checkJson(document, problems)) throw invalid(source, problems);
  const isExisting = saysExisting(document);
  // The fields of a table that exists can be read from the table.
  const needed = isExisting ? ['name', 'target'] : ['name', 'schema', 'target'];
  const object = problems.object(document, '', Object.keys(DOCUMENT_PROPERTIES), needed);
  let schema: TableSchema | undefined;
  const retention = checkRetention(object?.['retention'], problems);
  if (object !== undefined) {
    checkName(object['name'], problems);
    problems.optionalTexts(object, '', ['title', 'description', '$schema']);
    if (object['schema'] !== undefined) schema = checkSchema(object['schema'], isExisting, problems);
    else if (isExisting) schema = { fields: [] };
    if (object['target'] !== undefined)
      checkTarget(object['target'], fieldNames(object['schema']), isExisting, problems);
    checkPrimaryKeyPlace(schema, object['target'], problems);
    if (!isExisting)
      checkLookupPlaces((object['schema'] as JsonObject | undefined)?.['fields'], object['target'], problems);
  }
  if (problems.items.length > 0) throw invalid(source, problems);
  const checked = object as unknown as Dataset;
  const target = isExisting
    ? (withNamesApart(object!['target'] as JsonObject) as unknown as Target)
    : checked.target;
  return { ...checked, schema: schema!, target, ...(retention === undefined ? {} : { retention }) };
}

function checkName(name: unknown, problems: DocumentProblems): void {
  if (name === undefined || !problems.isText(name, '/name') || DATASET_NAME.test(name)) return;
  problems.add(
    '/name',
    `must be a name of a-z, 0-9, _ and - that begins with a letter, 63 characters at most, not ${describe(name)}.`,
  );
}

function checkSchema(
  value: unknown,
  isExisting: boolean,
  problems: DocumentProblems,
): TableSchema | undefined {
  const schema = problems.object(value, '/schema', Object.keys(SCHEMA_PROPERTIES), ['fields']);
  if (schema === undefined) return undefined;
  const missingValues = problems.texts(schema['missingValues'], '/schema/missingValues');
  const defaults = checkSchemaDefaults(schema, problems);
  const list = withinPatterns(problems.list(schema['fields'], '/schema/fields', MOST_FIELDS), problems);
  if (list?.length === 0) problems.add('/schema/fields', 'must hold one field or more.');
  const fields = (list ?? []).map((field, index) =>
    checkField(field, `/schema/fields/${index}`, schema, problems, isExisting),
  );
  checkNames(schema, problems);
  checkLabels(fields, problems);
  const primaryKey = checkPrimaryKey(schema, problems);
  return {
    fields: fields.filter((field) => field !== undefined),
    ...(missingValues === undefined ? {} : { missingValues }),
    ...(primaryKey === undefined ? {} : { primaryKey }),
    ...defaults,
  };
}

/** The list; undefined, with a problem, when it would take too long to judge its patterns. */
function withinPatterns(
  fields: readonly unknown[] | undefined,
  problems: DocumentProblems,
): readonly unknown[] | undefined {
  let chars = 0;
  for (const field of fields ?? []) {
    const { pattern } = ((field as JsonObject | null)?.['constraints'] ?? {}) as JsonObject;
    if (typeof pattern === 'string') chars += pattern.length;
  }
  if (chars <= MOST_PATTERN_CHARS) return fields;
  problems.add(
    '/schema/fields',
    `have patterns of ${chars} characters in all; there may be ${MOST_PATTERN_CHARS} at most.`,
  );
  return undefined;
}

/** The names as they stand, also those of fields that have problems: others may refer to them. */
function fieldNames(schema: unknown): string[] {
  const fields: unknown = (schema as JsonObject | null)?.['fields'];
  if (!Array.isArray(fields) || fields.length > MOST_FIELDS) return [];
  return fields.flatMap((field: JsonObject | null) =>
    typeof field?.['name'] === 'string' ? field['name'] : [],
  );
}

function checkNames(schema: JsonObject, problems: DocumentProblems): void {
  const seen = new Set<string>();
  for (const [index, name] of fieldNames(schema).entries()) {
    if (seen.has(name))
      problems.add(`/schema/fields/${index}/name`, `There are two fields ${describe(name)}.`);
    seen.add(name);
  }
}

/** A header must mean one field: no two fields may share a name, title or alias, folded as headers are. */
function checkLabels(fields: readonly (Field | undefined)[], problems: DocumentProblems): void {
  const owner = new Map<string, Field>();
  for (const [index, field] of fields.entries()) {
    if (field === undefined) continue;
    for (const label of labelsOf(field)) {
      const other = owner.get(foldHeader(label));
      if (other !== undefined && other.name !== field.name)
        problems.add(
          `/schema/fields/${index}`,
          `The header ${describe(label)} would mean both "${other.name}" and "${field.name}".`,
        );
      owner.set(foldHeader(label), field);
    }
  }
}

function checkPrimaryKey(schema: JsonObject, problems: DocumentProblems): string[] | undefined {
  const { primaryKey } = schema;
  const names =
    typeof primaryKey === 'string'
      ? [primaryKey]
      : problems.texts(primaryKey, '/schema/primaryKey', MOST_KEY_FIELDS);
  const fields = fieldNames(schema);
  for (const [index, name] of (names ?? []).entries())
    if (!fields.includes(name))
      problems.add(
        `/schema/primaryKey/${index}`,
        `There is no field ${describe(name)}.${problems.didYouMean(name, fields)}`,
      );
  return names;
}

/** A unique index lies on one table. */
function checkPrimaryKeyPlace(
  schema: TableSchema | undefined,
  target: unknown,
  problems: DocumentProblems,
): void {
  const links: unknown = (target as JsonObject | null | undefined)?.['links'];
  if (!Array.isArray(links)) return;
  const linked = links.flatMap((link: JsonObject | null) =>
    Array.isArray(link?.['fields']) ? (link['fields'] as unknown[]) : [],
  );
  for (const name of schema?.primaryKey ?? [])
    if (linked.includes(name))
      problems.add(
        '/schema/primaryKey',
        `Field "${name}" lands in a linked table and cannot be part of the key.`,
      );
}

function invalid(source: string, { items }: DocumentProblems): AppError {
  const first = items[0]!;
  const at = first.pointer === '' ? 'The document' : `At ${first.pointer}`;
  const detail = `${at}: ${first.detail}`;
  const summary = items.length === 1 ? detail : `${items.length} problems. The first: ${detail}`;
  return new AppError(
    'DATASET_INVALID',
    `${source} is not a valid dataset document. ${summary}`,
    { source },
    { errors: items },
  );
}
