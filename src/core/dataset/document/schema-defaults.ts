// What a schema says of all its fields of a kind, where they say nothing themselves.
import type { TableSchema } from '../types.ts';
import { DocumentProblems, type JsonObject } from './document-problems.ts';
import { TYPE_PROPERTIES } from './type-properties.ts';

export const SCHEMA_DEFAULTS = ['timeZone', 'timeZoneOverlap', 'lenientValues'] as const;

type SchemaDefaults = Pick<TableSchema, (typeof SCHEMA_DEFAULTS)[number]>;

/** The sound ones; what is wrong with the others becomes problems. */
export function checkSchemaDefaults(schema: JsonObject, problems = new DocumentProblems()): SchemaDefaults {
  const sound = SCHEMA_DEFAULTS.filter((name) => {
    const wrong = schema[name] === undefined ? undefined : TYPE_PROPERTIES[name]!.wrong(schema[name], schema);
    if (wrong !== undefined) problems.add(`/schema/${name}`, `${wrong}.`);
    return schema[name] !== undefined && wrong === undefined;
  });
  return Object.fromEntries(sound.map((name) => [name, schema[name]]));
}
