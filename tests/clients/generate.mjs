// node generate.mjs DOCUMENT FOLDER: makes two clients of an OpenAPI document, as their users would.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';
import openapiTypescript, { astToString } from 'openapi-typescript';
import ts from 'typescript';

const [document, folder] = process.argv.slice(2);

// Options that the tool's own pages recommend: a file is a Blob, and what has a default may be left out of a request.
const blob = ts.factory.createTypeReferenceNode('Blob');
const types = await openapiTypescript(JSON.parse(await readFile(document, 'utf8')), {
  defaultNonNullable: false,
  transform: (schema) => (schema.format === 'binary' ? blob : undefined),
});
await writeFile(join(folder, 'schema.d.ts'), astToString(types));

await createClient({
  input: document,
  output: { path: join(folder, 'hey-api'), importFileExtension: '.js' },
  logs: { level: 'silent', file: false },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
});
