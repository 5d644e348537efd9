// `sluice keys`: makes, lists and revokes API keys straight in the database, for the first key and for when all are lost.
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { SCOPE_VERBS, type ScopeVerb } from '../core/access/key-scope.ts';
import { ROLES } from '../core/access/roles.ts';
import type { NewKey } from './change-keys.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const UNIT_MS = { h: DAY_MS / 24, d: DAY_MS, w: 7 * DAY_MS } as const;

/** Adds `keys create`, `keys list` and `keys revoke`; they need Postgres only. */
export function addKeysCommands(program: Command): void {
  const keys = program.command('keys').description('API keys, straight in the database (DATABASE_URL)');

  keys
    .command('create')
    .description('make a key; it is printed once')
    .requiredOption('--name <name>', 'what the key is for, and the name of a new user')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .option('--email <email>', 'whose key it is; a new user is made when nobody has this address')
    .option('--expires <time>', 'when it expires: 12h, 90d, 52w from now', readDuration)
    .option(
      '--datasets <names>',
      'the datasets it may be used with, with commas between them; without it: all',
      commaList,
    )
    .option(
      '--verbs <verbs>',
      `what it may do, with commas between them: ${SCOPE_VERBS.join(', ')}; without it: all that its role may`,
      readVerbs,
    )
    .action(async (options: NewKey) => {
      const { createKey, withDatabase } = await import('./change-keys.ts');
      await withDatabase((db) => createKey(db, options));
    });

  keys
    .command('list')
    .description('all keys, newest first')
    .option('--json', 'print JSON, a document a line, for scripts')
    .action(async ({ json = false }: { json?: boolean }) => {
      const { listKeys, withDatabase } = await import('./change-keys.ts');
      await withDatabase((db) => listKeys(db, json));
    });

  keys
    .command('revoke')
    .description('revoke a key: it stops working within a second')
    .addArgument(new Argument('<key>', 'its id, or how its prefix begins'))
    .action(async (text: string) => {
      const { revokeKey, withDatabase } = await import('./change-keys.ts');
      await withDatabase((db) => revokeKey(db, text));
    });
}

function commaList(text: string): string[] {
  return text.split(',').filter((name) => name !== '');
}

function readVerbs(text: string): ScopeVerb[] {
  return commaList(text).map((said) => {
    const verb = SCOPE_VERBS.find((each) => each === said);
    if (verb === undefined) throw new InvalidArgumentError(`Verbs are ${SCOPE_VERBS.join(', ')}.`);
    return verb;
  });
}

function readDuration(text: string): number {
  const match = /^(\d{1,5})([hdw])$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Say a number and h, d or w, as in 90d.');
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}
