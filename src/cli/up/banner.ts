import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { commandName } from '../print.ts';
import { packageFile } from '../../package-files.ts';

const EXAMPLE = packageFile('examples/customers.csv');

export interface BannerFacts {
  readonly url: string;
  /** Undefined, as the key below, when it was given from outside: then its holder knows it. */
  readonly databaseUrl: string | undefined;
  readonly adminKey: string | undefined;
}

/** What a user wants to know when all is running, and the first thing to try. */
export function banner({ url, databaseUrl, adminKey }: BannerFacts): string {
  const key = adminKey ?? '$SLUICE_ADMIN_KEY';
  const sluice = commandName();
  return `
  Sluice is running.

    API         ${url}
    Docs        ${url}/docs
    Dashboard   ${url}/dashboard   (user admin, password: the admin key)
    Admin key   ${adminKey ?? 'as in SLUICE_ADMIN_KEY'}
    Postgres    ${databaseUrl === undefined ? 'as in DATABASE_URL' : `psql "${databaseUrl}"`}

  Try it, in another terminal:

    ${sluice} import ${exampleFile()} --dataset customers --watch
    ${sluice} list

  Or from any program:

    curl -sS -H "Authorization: Bearer ${key}" -F dataset=customers -F file=@${exampleFile()} ${url}/v1/imports

  It answers with an id at once. To see how far the import is:

    curl -sS -H "Authorization: Bearer ${key}" ${url}/v1/tasks/<id>

  Ctrl-C stops everything; the data stays.
`;
}

/** As a shell in the current folder writes it. */
function exampleFile(): string {
  if (!existsSync(EXAMPLE)) return 'customers.csv';
  const fromHere = relative(process.cwd(), EXAMPLE);
  const path = fromHere.startsWith('..') ? EXAMPLE : fromHere;
  return /^[\w./-]+$/.test(path) ? path : `"${path}"`;
}
