// GET /v1/datasets/{name}/openapi.json: the routes of one dataset's records, with its own schema. All else is as in /openapi.json.
import { Type } from '@fastify/type-provider-typebox';
import { answerSchema, givenSchema } from '../../core/records/record-json-schema.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import type { App } from '../http/fastify.ts';
import { problems } from '../http/schemas.ts';
import { READS, type RecordsContext } from './context.ts';
import { DatasetParams } from './schemas.ts';

const NAMED = '/v1/datasets/{name}';
const OWN = [`${NAMED}/records`, `${NAMED}/exports/`];
/** Where filters come as parameters. */
const FILTERED = /^(listRecords|exportRecords.*|changeRecords|deleteRecords)$/;

interface Parameter {
  readonly name: string;
  readonly in: string;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
}

interface Document {
  readonly info: Record<string, unknown>;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: Record<string, Record<string, unknown>>;
}

export function openApiRoute(app: App, { shapeOf }: RecordsContext): void {
  app.get(
    '/datasets/:name/openapi.json',
    {
      config: READS,
      schema: {
        operationId: 'getDatasetOpenApi',
        summary: 'OpenAPI of a dataset’s records',
        description:
          'The routes of its records, with its fields, what they take, and a parameter to filter by each: for typed clients.',
        tags: ['records'],
        params: DatasetParams,
        response: {
          200: Type.Object({}, { additionalProperties: true, description: 'OpenAPI 3.1.' }),
          ...problems(404, 409),
        },
      },
    },
    async ({ params }) => documentOf(app.swagger() as unknown as Document, await shapeOf(params.name)),
  );
}

function documentOf(whole: Document, shape: RecordShape): Record<string, unknown> {
  const { dataset } = shape;
  const own = `/v1/datasets/${encodeURIComponent(dataset.name)}`;
  const paths = Object.entries(whole.paths)
    .filter(([path]) => OWN.some((each) => path.startsWith(each)))
    .map(([path, operations]) => [
      own + path.slice(NAMED.length),
      Object.fromEntries(
        Object.entries(operations).map(([method, operation]) => [method, withFields(operation, shape)]),
      ),
    ]);
  const described = {
    ...whole,
    info: {
      ...whole.info,
      title: dataset.title ?? dataset.name,
      description: dataset.description ?? `Records of the dataset "${dataset.name}".`,
    },
    tags: [{ name: 'records' }],
    paths: Object.fromEntries(paths) as object,
  };
  const schemas = {
    ...whole.components['schemas'],
    Record: answerSchema(shape),
    RecordFields: givenSchema(shape, false),
    NewRecord: givenSchema(shape, true),
    NewRecords: {
      description: 'A record, or a list of records.',
      anyOf: [ref('NewRecord'), { type: 'array', items: ref('NewRecord') }],
    },
  };
  return { ...described, components: usedComponents(described.paths, { ...whole.components, schemas }) };
}

function withFields({ parameters = [], ...operation }: Operation, { columns }: RecordShape): object {
  const kept = parameters.filter((each) => each.in !== 'path' || each.name !== 'name');
  const taken = new Set(kept.map(({ name }) => name));
  const filters = FILTERED.test(operation.operationId)
    ? columns.filter(({ name }) => !taken.has(name)).map(({ name }) => filter(name))
    : [];
  return { ...operation, parameters: [...kept, ...filters] };
}

function filter(name: string): object {
  return {
    name,
    in: 'query',
    required: false,
    description: `Only records of such a ${name}: an operator, a point, a value.`,
    schema: { type: 'string', examples: ['is.not_null'] },
  };
}

function ref(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}

/** Those that the routes refer to, and those that these refer to. */
function usedComponents(paths: object, components: Document['components']): Document['components'] {
  const used: Document['components'] = { securitySchemes: components['securitySchemes'] ?? {} };
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { $ref } = value as { $ref?: unknown };
    const [, kind, name] = typeof $ref === 'string' ? (/^#\/components\/(\w+)\/(.+)$/.exec($ref) ?? []) : [];
    if (kind !== undefined && name !== undefined && used[kind]?.[name] === undefined) {
      const component = components[kind]?.[name];
      used[kind] = { ...used[kind], [name]: component };
      look(component);
    }
    for (const each of Object.values(value)) look(each);
  };
  look(paths);
  return used;
}
