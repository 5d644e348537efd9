// `sluice keys`: makes, lists and revokes API keys straight in the database, for the first key and for when all are lost.
import { randomBytes, randomFillSync } from 'node:crypto';
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { requireDatabase } from '../config/config.ts';
import { API_KEY_RANDOM_BYTES, apiKeyText } from '../core/access/api-key.ts';
import { ROLES, type Role } from '../core/access/roles.ts';
import { createUuidV7 } from '../core/uuid.ts';
import {
  findKeysByName,
  insertApiKey,
  listApiKeys,
  revokeApiKey,
  type ApiKeyRow,
} from '../db/access/api-keys.ts';
import { openDatabase, type Database } from '../db/client.ts';
import { findUserByEmail, insertUser } from '../db/access/users.ts';
import { AppError } from '../errors.ts';
import { createLogger } from '../logger.ts';
import { say, sayJson, table } from './print.ts';
import { readSettingsBesideUp } from './read-settings.ts';
import { inTransaction, type Connection } from '../db/transaction.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const UNIT_MS = { h: DAY_MS / 24, d: DAY_MS, w: 7 * DAY_MS } as const;
const LIST_PAGE = 200;

interface CreateOptions {
  readonly name: string;
  readonly role: Role;
  readonly email?: string;
  /** Milliseconds from now. */
  readonly expires?: number;
}

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
    .action((options: CreateOptions) => withDatabase((db) => createKey(db, options)));

  keys
    .command('list')
    .description('all keys, newest first')
    .option('--json', 'print JSON, a document a line, for scripts')
    .action(({ json = false }: { json?: boolean }) => withDatabase((db) => listKeys(db, json)));

  keys
    .command('revoke')
    .description('make a key open nothing any more, within a second')
    .addArgument(new Argument('<key>', 'its id, or how its prefix begins'))
    .action((text: string) => withDatabase((db) => revokeKey(db, text)));
}

async function withDatabase(work: (db: Connection) => Promise<void>): Promise<void> {
  const config = readSettingsBesideUp();
  requireDatabase(config);
  const logger = createLogger(config, 'keys');
  const database = openDatabase(config.databaseUrl, { name: 'keys', max: 1, logger });
  try {
    await work(database.db);
  } finally {
    await database.close();
  }
}

async function createKey(db: Connection, { name, role, email, expires }: CreateOptions): Promise<void> {
  const newId = createUuidV7(randomFillSync);
  const text = apiKeyText(randomBytes(API_KEY_RANDOM_BYTES));
  const expiresAt = expires === undefined ? null : new Date(Date.now() + expires);
  await inTransaction(db, async (tx) => {
    const userId = await userOf(tx, { id: newId(Date.now()), name, role, email });
    await insertApiKey(tx, { id: newId(Date.now()), userId, name, expiresAt }, text);
  });
  const until = expiresAt === null ? 'It does not expire.' : `It expires ${expiresAt.toISOString()}.`;
  // Alone on standard output, so that it can be piped.
  process.stderr.write(`A key for "${name}" (${role}). ${until} It is shown this once:\n`);
  process.stdout.write(`${text}\n`);
}

/** The user with the address, or a new one; without an address always a new one. @throws AppError CONFLICT on another role */
async function userOf(
  db: Database,
  { id, name, role, email = `${id}@localhost` }: { id: string; name: string; role: Role; email?: string },
): Promise<string> {
  const user = await findUserByEmail(db, email);
  if (user === undefined) {
    await insertUser(db, { id, name, email, role });
    return id;
  }
  if (user.role === role) return user.id;
  throw new AppError(
    'CONFLICT',
    `${email} has the role ${user.role}, and a key has its user's role. Change the user first, or say --role ${user.role}.`,
  );
}

async function listKeys(db: Database, json: boolean): Promise<void> {
  const rows = [['PREFIX', 'NAME', 'USER', 'ROLE', 'STATE', 'LAST USED', 'ID']];
  for (let beforeId: string | undefined, more = true; more;) {
    const page = await listApiKeys(db, { limit: LIST_PAGE, beforeId });
    for (const key of page)
      if (json) sayJson(process.stdout, key);
      else rows.push(describeKey(key));
    beforeId = page.at(-1)?.id;
    more = page.length === LIST_PAGE;
  }
  if (!json) say(process.stdout, table(rows));
}

function describeKey(key: ApiKeyRow): string[] {
  const lastUsed = key.lastUsedAt === null ? 'never' : key.lastUsedAt.toISOString().slice(0, 16);
  return [key.prefix, key.name, key.user.email, key.user.role, stateOf(key), lastUsed, key.id];
}

function stateOf({ revokedAt, expiresAt }: ApiKeyRow): string {
  const day = (time: Date) => time.toISOString().slice(0, 10);
  if (revokedAt !== null) return `revoked ${day(revokedAt)}`;
  if (expiresAt === null) return 'valid';
  return expiresAt.getTime() > Date.now() ? `valid until ${day(expiresAt)}` : `expired ${day(expiresAt)}`;
}

async function revokeKey(db: Database, text: string): Promise<void> {
  const [key, ...others] = await findKeysByName(db, text);
  if (key === undefined)
    throw new AppError('NOT_FOUND', `No key has the id "${text}", or a prefix that begins so.`);
  if (others.length > 0)
    throw new AppError(
      'CONFLICT',
      `${others.length + 1} keys begin with "${text}". Say more of the prefix, or the id.`,
    );
  await revokeApiKey(db, key.id);
  process.stdout.write(`Revoked ${key.prefix}… ("${key.name}" of ${key.user.email}).\n`);
}

function readDuration(text: string): number {
  const match = /^(\d{1,5})([hdw])$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Say a number and h, d or w, as in 90d.');
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}
