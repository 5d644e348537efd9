// The page at /docs, where requests can be tried out as they are. What it needs for that, /openapi.json does not have to say.
import swaggerUi, { type FastifySwaggerUiConfigOptions } from '@fastify/swagger-ui';
import type { App } from './fastify.ts';

/** The page loads only from here; its style attributes are set by React, its images are inlined. */
const PAGE_CSP = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'font-src': "'self' data:",
  'connect-src': "'self'",
  'frame-ancestors': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
};

export async function addDocsPage(app: App, basePath: string): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    indexPrefix: basePath,
    staticCSP: PAGE_CSP,
    validatorUrl: false,
    theme: {
      title: 'Sluice API',
      css: [{ filename: 'sluice.css', content: '.swagger-ui .topbar { display: none }' }],
    },
    // With all routes in sight the page takes seconds for each click.
    uiConfig: { persistAuthorization: false, docExpansion: 'none', requestInterceptor: tidyForm },
    transformSpecification: (document) => toBeTriedOut(document as unknown as Document),
  });
}

/**
 * Runs in the browser, from its own text. The page sends fields that were left empty, and in no order; an upload has only options that
 * say something, and its file last.
 */
const tidyForm: NonNullable<FastifySwaggerUiConfigOptions['requestInterceptor']> = (request) => {
  const form: unknown = request['body'];
  if (form instanceof FormData) {
    const file = form.get('file');
    for (const name of new Set(form.keys())) if (name === 'file' || form.get(name) === '') form.delete(name);
    if (file !== null) form.append('file', file);
  }
  return request;
};

interface Schema {
  readonly required?: readonly string[];
  readonly properties?: Record<string, { default?: unknown; examples?: unknown[] }>;
}

interface Operation {
  readonly parameters?: { readonly in: string; readonly schema?: { default?: unknown } }[];
  readonly requestBody?: {
    readonly content: Record<string, { readonly schema?: { readonly $ref?: string } }>;
  };
}

/** What is changed of the document; the page has a copy of its own. */
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

/**
 * The page fills in every field of a form that has no example with one that it makes up, and every parameter that has a default; an
 * option that comes in the form and in the query is refused.
 */
function toBeTriedOut(document: Document): Record<string, unknown> {
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    const form = operation.requestBody?.content['multipart/form-data']?.schema?.$ref?.split('/').at(-1);
    const schema = form === undefined ? undefined : document.components.schemas[form];
    if (schema === undefined) continue;
    leaveEmpty(schema);
    for (const parameter of operation.parameters ?? []) delete parameter.schema?.default;
  }
  return { ...document };
}

function leaveEmpty({ required = [], properties = {} }: Schema): void {
  for (const [name, field] of Object.entries(properties))
    if (!required.includes(name) && field.default === undefined) field.examples = [''];
}
