// The OpenAPI 3.1 document, made from the routes' schemas.
import { STATUS_CODES } from 'node:http';
import swagger from '@fastify/swagger';
import { Type } from '@fastify/type-provider-typebox';
import type { FastifySchema } from 'fastify';
import type { Role } from '../../core/access/roles.ts';
import { ERROR_KINDS } from '../../errors.ts';
import { addDocsPage } from './docs-page.ts';
import type { App } from './fastify.ts';
import { withComponents } from './components.ts';

const DESCRIPTION = `
CSV and Excel files in, rows in Postgres out: checked row by row, landed exactly once.

Send a key as \`Authorization: Bearer <key>\`. Roles, each including the ones before it: **viewer** reads, **operator** also
uploads and cancels, **admin** also manages users and keys. Without a valid key the answer is 401, with too small a role 403.

JSON is camelCase, times are RFC 3339 in UTC, ids are UUID v7. A list answers \`{ data, nextCursor }\`; give \`nextCursor\` as
\`cursor\` for the next page. An error is an RFC 9457 problem document with a \`code\` and the \`requestId\`.

<details><summary>All error codes</summary>

| code | status | meaning |
|---|---|---|
${Object.entries(ERROR_KINDS)
  .map(([code, kind]) => `| \`${code}\` | ${kind.status} | ${kind.title} |`)
  .join('\n')}

</details>
`;

/** Add it before the routes it is to show. */
export async function addOpenApi(app: App, basePath: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sluice',
        version: '1',
        description: DESCRIPTION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: basePath === '' ? '/' : basePath, description: 'This server.' }],
      tags: [
        { name: 'imports', description: 'Upload a file, follow it, fetch what was rejected.' },
        { name: 'uploads', description: 'Files that are kept and looked at before they are imported.' },
        { name: 'tasks', description: 'Background work by id.' },
        { name: 'queues', description: 'How much waits where.' },
        { name: 'schedules', description: 'Rules by which the clock makes tasks.' },
        { name: 'webhooks', description: 'Addresses that are told of what happens to imports and tasks.' },
        { name: 'workers', description: 'Who takes the work.' },
        { name: 'datasets', description: 'What can be imported.' },
        { name: 'records', description: 'What was imported, to be read, changed and exported.' },
        { name: 'access', description: 'Users and their API keys.' },
        { name: 'operation', description: 'For probes and monitoring; these need no key.' },
      ],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    },
    transform: ({ schema, url, route }) => ({ schema: documented(schema, route.config?.role), url }),
    transformObject: (document) =>
      'openapiObject' in document ? withComponents(document.openapiObject) : document.swaggerObject,
  });
  await addDocsPage(app, basePath);
  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'getOpenApi',
        summary: 'This document',
        tags: ['operation'],
        response: { 200: Type.Object({}, { additionalProperties: true, description: 'OpenAPI 3.1.' }) },
      },
    },
    () => app.swagger(),
  );
}

/** What needs a role needs a key; an answer that says nothing of itself is called by its status. */
function documented(schema: FastifySchema, role: Role | undefined): FastifySchema {
  if (schema?.response === undefined) return schema;
  const answers = Object.entries(schema.response as Record<string, object>).map(([status, answer]) => [
    status,
    { description: STATUS_CODES[status], ...answer },
  ]);
  return {
    ...schema,
    response: Object.fromEntries(answers),
    security: role === undefined ? [] : [{ bearer: [] }],
  };
}
