// Checks requests against their TypeBox schemas, and says in plain sentences what is wrong with them.
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify';
import type { TSchema } from '@fastify/type-provider-typebox';
import { Compile } from 'typebox/compile';
import { counted } from '../../core/counted.ts';
import { AppError, type ErrorItem } from '../../errors.ts';
import { GIVEN_INSTANT_PATTERN } from './given-instant.ts';
import { readTexts } from './read-texts.ts';

/** JSON bodies are taken as they are; query, path and headers are text, so numbers and booleans in them are read. */
export const compileValidator: FastifySchemaCompiler<TSchema> = (route) => {
  // With its first request: to compile all of them would take a fifth of the start.
  let validate: ReturnType<typeof compileNow> | undefined;
  return (value: unknown) => (validate ??= compileNow(route))(value);
};

const compileNow: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema);
  const fillsIn = JSON.stringify(schema).includes('"default"');
  return (value: unknown) => {
    // The usual case, and many times faster.
    if (!fillsIn && compiled.Check(value)) return { value };
    const input = httpPart === 'body' ? value : readTexts(schema, value);
    return compiled.Check(input) ? { value: input } : { error: compiled.Errors(input) as never };
  };
};

type Place = 'body' | 'querystring' | 'params' | 'headers';

const PLACE_NAMES: Record<Place, string> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
};

/** A body may have thousands of faults; nobody reads as many. */
const MOST_TOLD = 20;
/** Of a name that is not known here: the client knows the rest. */
const LONGEST_NAME = 100;

const FORMAT_NAMES: Record<string, string> = {
  email: 'an e-mail address',
  uuid: 'a UUID',
  'date-time': 'a time as in 2026-01-31T09:00:00Z (RFC 3339)',
};

/** The problem for a request that does not fit its schema. */
export function invalidRequest(
  found: readonly FastifySchemaValidationError[],
  place: string | undefined,
): AppError {
  const where = PLACE_NAMES[(place ?? 'body') as Place] ?? 'request';
  const all = new Map<string, ErrorItem>();
  for (const error of found) for (const item of errorItems(error, where)) all.set(item.detail, item);
  const errors = [...all.values()].slice(0, MOST_TOLD);
  const more = all.size > MOST_TOLD ? `; and ${all.size - MOST_TOLD} more` : '';
  const detail = `The ${where} is not valid: ${errors.map((item) => item.detail).join('; ')}${more}.`;
  return new AppError('INVALID_REQUEST', detail, {}, { errors });
}

/** An error of a schema as sentences. @param where what the whole is called */
export function errorItems(error: FastifySchemaValidationError, where: string): ErrorItem[] {
  const item = (path: string, says: string): ErrorItem => ({
    pointer: path.length > LONGEST_NAME ? `${path.slice(0, LONGEST_NAME)}…` : path,
    detail: `${nameOf(path, where)} ${says}`,
  });
  const path = error.instancePath;
  const params: Record<string, unknown> = error.params;
  switch (error.keyword) {
    case 'required':
      return (params.requiredProperties as string[]).map((name) => item(`${path}/${name}`, 'is required'));
    case 'additionalProperties':
      return (params.additionalProperties as string[]).map((name) =>
        item(`${path}/${name}`, 'is not known here'),
      );
    // The same, of one name: of many that are not known only these are told.
    case 'boolean':
      return [item(path, 'is not known here')];
    case 'enum':
      return [item(path, `must be one of ${(params.allowedValues as unknown[]).join(', ')}`)];
    case 'format':
      return [
        item(
          path,
          `must be ${FORMAT_NAMES[String(params.format)] ?? `of the format ${String(params.format)}`}`,
        ),
      ];
    case 'pattern':
      return [
        item(
          path,
          params.pattern === GIVEN_INSTANT_PATTERN
            ? 'must have a year from 1970 to 9999'
            : (error.message ?? 'is not as expected'),
        ),
      ];
    case 'type':
      return [item(path, `must be ${[params.type].flat().join(' or ')}`)];
    case 'minLength':
      return [item(path, `must have ${counted(Number(params.limit), 'character')} or more`)];
    case 'maxLength':
      return [item(path, `must have ${counted(Number(params.limit), 'character')} or fewer`)];
    default:
      return [item(path, error.message ?? 'is not as expected')];
  }
}

function nameOf(path: string, where: string): string {
  if (path === '') return `the ${where}`;
  const name = path.slice(1).replaceAll('/', '.');
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}
