// The OpenAPI document of one dataset's records.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApi, type TestApi } from '../../support/api.ts';
import { apply, everyType, people, todos } from './datasets.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
}

interface Document {
  readonly info: { readonly title: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<
      string,
      { readonly properties: Record<string, unknown>; readonly required?: readonly string[] }
    >;
  };
}

let api: TestApi;

beforeAll(async () => {
  api = await createApi();
  await apply(api, todos, everyType, people);
});
afterAll(() => api.close());

async function documentOf(dataset: string): Promise<Document> {
  const answer = await api.call({ url: `/v1/datasets/${encodeURIComponent(dataset)}/openapi.json` });
  expect(answer.statusCode).toBe(200);
  return answer.json();
}

it('has what a record holds, what a new one needs, and what may be written', async () => {
  const { info, components } = await documentOf('todos');
  expect(info.title).toBe('todos');
  const { Record: record, NewRecord: created, RecordFields: fields } = components.schemas;
  const made = await api.call({
    method: 'POST',
    url: '/v1/datasets/todos/records',
    payload: { title: 'milk', priority: 2 },
  });
  expect(Object.keys(record!.properties)).toEqual(Object.keys(made.json()));
  expect(record!.properties).toMatchObject({
    id: { type: 'string', format: 'uuid', readOnly: true },
    title: { type: 'string', maxLength: 100 },
    priority: { anyOf: [{ type: 'integer', minimum: 1, maximum: 5 }, { type: 'null' }] },
    completed: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
  });
  expect(created).toMatchObject({ required: ['title'] });
  expect(fields!.required).toBeUndefined();
  for (const given of [created, fields])
    expect(Object.keys(given!.properties)).toEqual(['title', 'memo', 'priority', 'completed']);
});

it('has routes of this dataset alone, with its fields to filter by', async () => {
  const { paths } = await documentOf('every type');
  const own = '/v1/datasets/every%20type/records';
  expect(Object.keys(paths)).toContain(`${own}/{id}`);
  expect(Object.keys(paths).filter((path) => !path.startsWith(own))).toEqual([
    '/v1/datasets/every%20type/exports/{id}',
  ]);
  const named = (path: string, method: string) => paths[path]![method]!.parameters.map(({ name }) => name);
  expect(named(own, 'get')).toEqual(
    expect.arrayContaining(['limit', 'amount', 'text "quoted"', 'created_at']),
  );
  expect(named(`${own}.xlsx`, 'get')).toEqual(expect.arrayContaining(['select', 'amount']));
  expect(named(`${own}/{id}`, 'get')).toEqual(['select', 'id']);
});

it('says how dates of a pattern are sent, and names fields of linked tables', async () => {
  const schemas = (await documentOf('every type')).components.schemas;
  expect(schemas['Record']!.properties['day']).toMatchObject({
    anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }],
  });
  expect(schemas['NewRecord']!.properties['day']).toMatchObject({
    anyOf: [{ type: 'string' }, { type: 'null' }],
    description: 'In files and requests: %d.%m.%Y.',
  });
  expect((await documentOf('people')).components.schemas['NewRecord']).toMatchObject({
    required: ['email'],
    properties: {
      email: { type: 'string', format: 'email' },
      city: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    },
  });
});

it('refers to nothing that it does not have, and has nothing that nobody refers to', async () => {
  const document = await documentOf('todos');
  const text = JSON.stringify(document);
  const referred = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name));
  expect(new Set(Object.keys(document.components.schemas))).toEqual(referred);
});

it('is 404 for a dataset that is not there', async () => {
  expect((await api.call({ url: '/v1/datasets/nothing/openapi.json' })).statusCode).toBe(404);
});
