import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { TASK_ERROR_CODES } from '../../src/core/tasks/task-errors.ts';
import { ERROR_KINDS } from '../../src/errors.ts';
import { createApi, type TestApi } from '../support/api.ts';
import { CHROMIUM, CHROMIUM_FLAGS } from '../support/chromium.ts';
import { addDataset } from '../support/uploads.ts';

interface Schema {
  type?: unknown;
  enum?: unknown[];
  default?: unknown;
  required?: string[];
  properties?: Record<string, Schema>;
  allOf?: { $ref?: string }[];
  oneOf?: { $ref?: string }[];
}
interface Answer {
  description: string;
  content?: Record<string, { schema?: unknown }>;
}
interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: unknown[];
  parameters?: { in: string; name: string; required?: boolean; schema?: unknown; example?: unknown }[];
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> };
  responses: Record<string, Answer>;
}
interface OpenApi {
  openapi: string;
  info: { title: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, unknown> };
}

/** What DESIGN promises, and nothing hidden. */
const ROUTES = [
  'get /v1/me',
  'get /v1/users',
  'post /v1/users',
  'get /v1/users/{id}',
  'patch /v1/users/{id}',
  'delete /v1/users/{id}',
  'get /v1/keys',
  'post /v1/keys',
  'delete /v1/keys/{id}',
  'get /v1/datasets',
  'get /v1/datasets/{name}',
  'get /v1/datasets/{name}/template.csv',
  'get /v1/datasets/{name}/template.xlsx',
  'get /v1/datasets/{name}/mappings',
  'delete /v1/datasets/{name}/mappings/{fingerprint}',
  'post /v1/imports',
  'get /v1/imports',
  'get /v1/imports/{id}',
  'get /v1/imports/{id}/errors',
  'get /v1/imports/{id}/rejects.csv',
  'get /v1/imports/{id}/rejects.xlsx',
  'get /v1/imports/{id}/events',
  'get /v1/tasks/{id}',
  'delete /v1/tasks/{id}',
  'get /v1/schedules',
  'post /v1/schedules',
  'post /v1/schedules/preview',
  'get /v1/schedules/{id}',
  'put /v1/schedules/{id}',
  'patch /v1/schedules/{id}',
  'delete /v1/schedules/{id}',
  'get /v1/schedules/{id}/runs',
  'post /v1/schedules/{id}/run',
  'get /healthz',
  'get /readyz',
  'get /metrics',
  'get /openapi.json',
];

let api: TestApi;
let document: OpenApi;
let operations: { name: string; path: string; operation: Operation }[];

beforeAll(async () => {
  api = await createApi();
  document = (await api.app.inject({ url: '/openapi.json' })).json();
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
  );
});
afterAll(() => api.close());

/** Every object inside, with where it stands. */
function* objectsIn(value: unknown, at = '#'): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [at, value as Record<string, unknown>];
  for (const [key, inner] of Object.entries(value))
    yield* objectsIn(inner, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
}

function lookUp(pointer: string): unknown {
  const parts = pointer.slice(2).split('/');
  return parts.reduce<unknown>(
    (value, part) => (value as Record<string, unknown>)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')],
    document,
  );
}

describe('the OpenAPI document', () => {
  it('is 3.1, for everybody, and says how to authenticate', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info.title).toBe('Sluice');
    expect(document.components.securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer' } });
  });

  it('has every route of the API, each with a summary and one tag', () => {
    const names = operations.map((each) => each.name);
    expect(names).toEqual(expect.arrayContaining(ROUTES));
    const bare = operations.filter(({ operation }) => !operation.summary || operation.tags?.length !== 1);
    expect(bare.map((each) => each.name)).toEqual([]);
  });

  it('says of every route under /v1 how it fails and that it needs a key', () => {
    const guarded = operations.filter((each) => each.path.startsWith('/v1/'));
    expect(guarded.length).toBeGreaterThan(12);
    const lacking = guarded.flatMap(({ name, path, operation: { responses, security } }) => {
      const needed = ['401', '403', '429', '503', ...(path.includes('{') ? ['404'] : [])];
      return [
        ...needed
          .filter((status) => !isProblem(responses[status]))
          .map((status) => `${name} lacks ${status}`),
        ...(Object.keys(responses).some((status) => status.startsWith('2')) ? [] : [`${name} lacks success`]),
        ...(JSON.stringify(security) === '[{"bearer":[]}]' ? [] : [`${name} lacks security`]),
      ];
    });
    expect(lacking).toEqual([]);
  });

  it('describes every answer, and refers to nothing that is not there', () => {
    const undescribed = operations.flatMap(({ name, operation }) =>
      Object.entries(operation.responses)
        .filter(([, answer]) => !answer.description || answer.description === 'Default Response')
        .map(([status]) => `${name} ${status}`),
    );
    expect(undescribed).toEqual([]);
    const references = [...objectsIn(document)].flatMap(([, object]) =>
      typeof object['$ref'] === 'string' ? [object['$ref']] : [],
    );
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((pointer) => lookUp(pointer) === undefined)).toEqual([]);
  });

  it('has parameters for the placeholders of each path, and no words of OpenAPI 3.0', () => {
    const differing = operations.filter(({ path, operation }) => {
      const described = (operation.parameters ?? []).filter((each) => each.in === 'path' && each.required);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      return described.map((each) => each.name).join(',') !== inPath.join(',');
    });
    expect(differing.map((each) => each.name)).toEqual([]);
    const old = [...objectsIn(document)].filter(([, object]) => typeof object['nullable'] === 'boolean');
    expect(old.map(([at]) => at)).toEqual([]);
  });

  it('is shown by a page that keeps no keys in the browser', async () => {
    const script = await api.app.inject({ url: '/docs/static/swagger-initializer.js' });
    expect(script.body).toMatch(/"persistAuthorization":\s*false/);
  });

  it('tells every error code', () => {
    const codes = Object.keys(ERROR_KINDS);
    expect(codes.filter((code) => !document.info.description.includes(code))).toEqual([]);
  });
});

describe('what a generated client sees', () => {
  const schemas = (): Record<string, Schema> => document.components.schemas;
  const namesIn = (name: string): string[] => Object.keys(schemas()[name]?.properties ?? {});

  it('has a name for each operation, of its own', () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(names).toEqual(
      expect.arrayContaining(['createImport', 'listImports', 'getImport', 'getTask', 'cancelTask', 'getMe']),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z]+([A-Z][a-z]+)+$/.test(name ?? ''))).toEqual([]);
  });

  it('has every object of a body or an answer as a named component, once', () => {
    const inPaths = [...objectsIn(document.paths)].filter(
      ([at, object]) => 'properties' in object && !at.includes('openapi.json'),
    );
    expect(inPaths.map(([at]) => at)).toEqual([]);
    expect(Object.keys(schemas())).toEqual(
      expect.arrayContaining([
        'Import',
        'Task',
        'Problem',
        'RowError',
        'Dataset',
        'User',
        'ApiKey',
        'Column',
      ]),
    );
  });

  it('has every upload option with its type, choices and default; the file is the last field', () => {
    const { properties = {}, required } = schemas()['UploadForm']!;
    expect(Object.keys(properties).at(-1)).toBe('file');
    expect(required).toEqual(['dataset', 'file']);
    expect(properties).toMatchObject({
      mode: { type: 'string', enum: ['insert', 'upsert', 'replace'], default: 'insert' },
      header: { type: 'boolean', default: true },
      skipLines: { type: 'integer', default: 0, maximum: 1000 },
      dateOrder: { enum: ['ymd', 'dmy', 'mdy'] },
    });
    expect(namesIn('RetryForm')).not.toContain('mode');
    const query = document.paths['/v1/imports']?.['post']?.parameters?.filter((each) => each.in === 'query');
    const [first, ...others] = Object.keys(properties).slice(0, -1);
    // A kept upload stands for the file.
    expect(query?.map((each) => each.name)).toEqual([first, 'uploadId', ...others]);
    expect(schemas()['UploadAnswer']).toMatchObject({
      properties: { dryRun: { anyOf: [{ type: 'boolean' }, { type: 'null' }] } },
    });
    expect(query?.find((each) => each.name === 'mode')?.schema).toMatchObject({ default: 'insert' });
  });

  it('has the codes of failed tasks, the same column everywhere, and what each kind of task gives', () => {
    const codes = Object.values(TASK_ERROR_CODES).flat();
    const [ofImports, ofUndos, ofOthers] = ['ImportError', 'UndoError', 'TaskError'].map(
      (name) => schemas()[name]?.properties?.['code'],
    );
    expect([...(ofImports?.enum ?? []), ...(ofUndos?.enum ?? []), ...(ofOthers?.enum ?? [])]).toEqual(codes);
    expect(schemas()['Task']?.oneOf).toEqual([
      { $ref: '#/components/schemas/ImportTask' },
      { $ref: '#/components/schemas/UndoTask' },
      { $ref: '#/components/schemas/OtherTask' },
    ]);
    const columns = [...objectsIn(document)].flatMap(([at, object]) =>
      at.endsWith('/properties/column') && !at.includes('DatasetLink') ? [JSON.stringify(object)] : [],
    );
    expect(columns.length).toBeGreaterThan(3);
    expect(columns.filter((column) => !column.includes('#/components/schemas/Column'))).toEqual([]);
  });

  it('may leave out what has a default, and is not given examples to filter by', () => {
    const parameters = operations.flatMap(({ name, operation }) =>
      (operation.parameters ?? [])
        .filter((each) => each.in === 'query')
        .map((each) => ({ ...each, of: name })),
    );
    // Without it nobody has said how many records may be changed at once.
    const required = parameters.filter((each) => each.required === true && each.name !== 'maxAffected');
    expect(required).toEqual([]);
    expect(parameters.filter((each) => each.example !== undefined || hasExamples(each.schema))).toEqual([]);
  });
});

function hasExamples(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && 'examples' in schema;
}

/** A component for the status, which is a Problem with codes of its own. */
function isProblem(answer: Answer | undefined): boolean {
  const schema = answer?.content?.['application/problem+json']?.schema as { $ref?: string } | undefined;
  const named = lookUp(schema?.$ref ?? '#/') as Schema | undefined;
  return named?.allOf?.[0]?.$ref === '#/components/schemas/Problem';
}

describe.skipIf(!existsSync(CHROMIUM))('the page (skipped without chromium)', () => {
  let browser: Browser;
  let page: Page;
  let origin: string;

  beforeAll(async () => {
    await addDataset(
      api.database.pool,
      JSON.parse(readFileSync('datasets/customers.json', 'utf8')) as Dataset,
    );
    await api.app.listen({ port: 0, host: '127.0.0.1' });
    origin = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
    page = await browser.newPage();
  });
  afterAll(() => browser.close());

  it('shows the routes in a browser, from this server alone and within its CSP', async () => {
    const foreign: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
        foreign.push(request.url());
    });
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`${origin}/docs`);
    await page.locator('#operations-tag-access').click();
    await page.getByText('Make an API key').waitFor();
    expect({ foreign, complaints }).toEqual({ foreign: [], complaints: [] });
  });

  it('tries requests out as they are, once there is a key and a file', async () => {
    await page.goto(`${origin}/docs`);
    await page.locator('.authorize').first().click();
    await page.locator('.auth-container input').fill(api.adminKey);
    await page.locator('.auth-btn-wrapper button.authorize').click();
    await page.locator('.auth-btn-wrapper .btn-done').click();
    expect(await tryOut('imports-createImport', 'examples/customers.csv')).toBe('202');
    expect(await tryOut('datasets-getDataset')).toBe('200');
    expect(await tryOut('access-createApiKey')).toBe('201');
  });

  /** The status that the page shows. */
  async function tryOut(name: string, file?: string): Promise<string> {
    const tag = page.locator(`#operations-tag-${name.split('-')[0]}`);
    if ((await tag.getAttribute('data-is-open')) === 'false') await tag.click();
    const operation = page.locator(`#operations-${name}`);
    await operation.locator('.opblock-summary-control').first().click();
    await operation.locator('.try-out__btn').click();
    if (file !== undefined) await operation.locator('input[type=file]').setInputFiles(file);
    await operation.locator('button.execute').click();
    return operation.locator('.live-responses-table tbody .response-col_status').first().innerText();
  }
});
