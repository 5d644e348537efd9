import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR_KINDS } from '../../src/errors.ts';
import { createApi, type TestApi } from '../support/api.ts';
import { CHROMIUM, CHROMIUM_FLAGS } from '../support/chromium.ts';

interface Answer {
  description: string;
  content?: Record<string, { schema?: unknown }>;
}
interface Operation {
  summary?: string;
  tags?: string[];
  security?: unknown[];
  parameters?: { in: string; name: string; required?: boolean }[];
  responses: Record<string, Answer>;
}
interface OpenApi {
  openapi: string;
  info: { title: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
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
  'get /v1/datasets/{name}/mappings',
  'delete /v1/datasets/{name}/mappings/{fingerprint}',
  'post /v1/imports',
  'get /v1/imports',
  'get /v1/imports/{id}',
  'get /v1/imports/{id}/errors',
  'get /v1/imports/{id}/rejects.csv',
  'get /v1/imports/{id}/events',
  'get /v1/tasks/{id}',
  'delete /v1/tasks/{id}',
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

  it('tells every error code', () => {
    const codes = Object.keys(ERROR_KINDS);
    expect(codes.filter((code) => !document.info.description.includes(code))).toEqual([]);
  });
});

function isProblem(answer: Answer | undefined): boolean {
  const schema = answer?.content?.['application/problem+json']?.schema as { $ref?: string } | undefined;
  return schema?.$ref === '#/components/schemas/Problem';
}

describe.skipIf(!existsSync(CHROMIUM))('the page (skipped without chromium)', () => {
  it('shows the routes in a browser, from this server alone and within its CSP', async () => {
    await api.app.listen({ port: 0, host: '127.0.0.1' });
    const origin = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}`;
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
    try {
      const page = await browser.newPage();
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
      await page.getByText('Make an API key').waitFor();
      expect({ foreign, complaints }).toEqual({ foreign: [], complaints: [] });
    } finally {
      await browser.close();
    }
  });
});
