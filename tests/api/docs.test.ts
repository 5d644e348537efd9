import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi, type TestApi } from '../support/api.ts';
import { CHROMIUM, CHROMIUM_FLAGS } from '../support/chromium.ts';

interface Operation {
  summary?: string;
  tags?: string[];
  security?: unknown[];
  responses: Record<string, { description: string; content?: Record<string, { schema?: unknown }> }>;
}
interface OpenApi {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
}

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

  it('has every route of the API, each with a summary and a tag', () => {
    expect(operations.length).toBeGreaterThan(12);
    for (const { name, operation } of operations) {
      expect(`${name}: ${operation.summary}`).toMatch(/: \S.+/);
      expect(operation.summary, name).not.toBe('undefined');
      expect(operation.tags, name).toHaveLength(1);
    }
    for (const line of routesOf(api))
      expect(operations.map((each) => each.name), line).toContain(line);
  });

  it('says of every route under /v1 how it fails and that it needs a key', () => {
    for (const { name, path, operation } of operations.filter((each) => each.path.startsWith('/v1/'))) {
      expect(operation.security, name).toEqual([{ bearer: [] }]);
      for (const status of ['401', '403', '429', '503']) {
        const problem = operation.responses[status]?.content?.['application/problem+json']?.schema;
        expect(problem, `${name} ${status}`).toEqual({ $ref: '#/components/schemas/Problem' });
      }
      if (path.includes('{')) expect(Object.keys(operation.responses), name).toContain('404');
      expect(Object.keys(operation.responses).some((status) => status.startsWith('2')), name).toBe(true);
    }
  });

  it('describes every answer, and refers to nothing that is not there', () => {
    for (const { name, operation } of operations)
      for (const [status, answer] of Object.entries(operation.responses))
        expect(answer.description, `${name} ${status}`).toMatch(/^(?!Default Response)\S/);
    for (const [at, object] of objectsIn(document))
      if (typeof object.$ref === 'string' && !at.endsWith('/properties')) expect(lookUp(object.$ref), `${at}: ${object.$ref}`).toBeDefined();
  });

  it('has parameters for the placeholders of each path, and no OpenAPI 3.0 words', () => {
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, operation] of Object.entries(methods as Record<string, { parameters?: { in: string; name: string; required?: boolean }[] }>)) {
        const inPath = (operation.parameters ?? []).filter((each) => each.in === 'path').map((each) => each.name);
        expect(inPath.sort(), `${method} ${path}`).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort());
      }
    for (const [at, object] of objectsIn(document)) expect(object.nullable, at).toBeUndefined();
  });

  it('tells every error code', () => {
    expect(JSON.stringify(document.info)).toContain('HEADER_MISMATCH');
  });
});

/** As Fastify prints them: `get /v1/keys`; what is hidden is not part of the API. */
function routesOf({ app }: TestApi): string[] {
  const lines: string[] = [];
  for (const path of ['/v1/me', '/v1/users', '/v1/users/{id}', '/v1/keys', '/v1/datasets', '/v1/datasets/{name}', '/v1/datasets/{name}/template.csv', '/v1/imports', '/v1/imports/{id}', '/v1/tasks/{id}', '/healthz', '/readyz', '/metrics', '/openapi.json'])
    if (app.hasRoute({ method: 'GET', url: path.replaceAll(/\{(\w+)\}/g, ':$1') })) lines.push(`get ${path}`);
  expect(lines).toHaveLength(14);
  return lines;
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
        if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) foreign.push(request.url());
      });
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      await page.goto(`${origin}/docs`);
      await page.getByText('Make an API key').waitFor();
      expect({ foreign, complaints }).toEqual({ foreign: [], complaints: [] });
      await page.screenshot({ path: '/tmp/sluice-docs.png' });
    } finally {
      await browser.close();
    }
  });
});
