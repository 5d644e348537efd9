// Named schemas of the OpenAPI document. A schema is written out where a route uses it, so that checks and serializers have all of it
// at hand; the document has it once, under `components`, and refers to it everywhere else.
import { Type, type TSchema } from '@fastify/type-provider-typebox';

const MARK = 'x-component';
/** A query parameter whose list is written with commas. */
const COMMAS = 'x-commas';

interface Component {
  readonly name: string;
  readonly schema: TSchema & { readonly description?: string };
}

/**
 * Names a schema. The name goes with copies of it, such as one with another description or one that may be null.
 * @param documented what the document says in its place, where that is more than the check or the serializer needs to know
 */
export function component<T extends TSchema>(name: string, schema: T, documented: TSchema = schema): T {
  const named: Component = { name, schema: { ...documented } };
  // A function, because copies of schemas keep it as it is and their JSON leaves it out.
  return Object.assign(schema, { [MARK]: () => named });
}

/** @throws Error for a schema without a name */
export function componentName(schema: TSchema): string {
  const { [MARK]: mark } = schema as { [MARK]?: () => Component };
  if (mark === undefined) throw new Error('The schema has no name. Give it one with component().');
  return mark().name;
}

/** A list in the query, written with commas (`a,b`) or as a parameter given more than once. */
export function commaList(items: TSchema, description: string) {
  return Type.Unsafe<string | string[]>({
    type: ['string', 'array'],
    items: { type: 'string' },
    description,
    [COMMAS]: () => items,
  });
}

type Json = Record<string, unknown>;

/** The document with references in the place of named schemas, and those under `components`. */
export function withComponents<T extends object>(document: T): T {
  const schemas: Record<string, unknown> = {};

  const referTo = ({ name, schema }: Component): Json => {
    if (!(name in schemas)) {
      // Taken before it is walked through, so that it may refer to itself.
      schemas[name] = undefined;
      schemas[name] = walk(schema);
    }
    return { $ref: `#/components/schemas/${name}` };
  };

  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const { [MARK]: mark, ...own } = value as Json;
    if (typeof mark === 'function') return use(mark() as Component, own);
    const walked = Object.fromEntries(Object.entries(own).map(([key, inner]) => [key, walk(inner)]));
    return walked['in'] === 'query' ? asParameter(walked) : walked;
  };

  const asParameter = (parameter: Json): Json => {
    const schema = parameter['schema'] as Json;
    const items = schema[COMMAS];
    if (typeof items === 'function')
      return { ...parameter, style: 'form', explode: false, schema: { type: 'array', items: walk(items()) } };
    // The default is filled in before the check.
    return schema['default'] === undefined ? parameter : { ...parameter, required: false };
  };

  const use = (named: Component, copy: Json): Json => {
    const ref = referTo(named);
    const isNullable = Array.isArray(copy['type']) && copy['type'].includes('null');
    const { description } = copy;
    const says = description === undefined || description === named.schema.description ? {} : { description };
    return { ...(isNullable ? { anyOf: [ref, { type: 'null' }] } : ref), ...says };
  };

  const walked = walk(document) as T & { components: { schemas: Json } };
  const all = Object.entries({ ...walked.components.schemas, ...schemas });
  return {
    ...walked,
    components: {
      ...walked.components,
      schemas: Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}
