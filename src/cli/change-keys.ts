// What `sluice keys` does in the database.
import { randomBytes, randomFillSync } from 'node:crypto';
import { requireDatabase } from '../config/config.ts';
import { API_KEY_RANDOM_BYTES, apiKeyText } from '../core/access/api-key.ts';
import type { ScopeVerb } from '../core/access/key-scope.ts';
import type { Role } from '../core/access/roles.ts';
import { createUuidV7 } from '../core/uuid.ts';
import {
  findKeysByName,
  insertApiKey,
  listApiKeys,
  revokeApiKey,
  type ApiKeyRow,
} from '../db/access/api-keys.ts';
import { recordAudit } from '../db/audit/record-audit.ts';
import { findUserByEmail, insertUser } from '../db/access/users.ts';
import { directAddress } from '../db/connection.ts';
import { openDatabase, type Database } from '../db/client.ts';
import { requireSchema } from '../db/schema-version.ts';
import { inTransaction, type Connection } from '../db/transaction.ts';
import { AppError } from '../errors.ts';
import { createLogger } from '../logger.ts';
import { say, sayJson, table } from './print.ts';
import { readSettingsBesideUp } from './read-settings.ts';

const LIST_PAGE = 200;

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  readonly email?: string;
  /** Milliseconds from now. */
  readonly expires?: number;
  readonly datasets?: readonly string[];
  readonly verbs?: readonly ScopeVerb[];
}

/** @throws AppError CONFIG_INVALID when the database has another version of Sluice's tables */
export async function withDatabase(work: (db: Connection) => Promise<void>): Promise<void> {
  const config = readSettingsBesideUp();
  requireDatabase(config);
  const logger = createLogger(config, 'keys');
  const database = openDatabase(directAddress(config), { name: 'keys', max: 1, logger });
  try {
    await requireSchema(database.pool);
    await work(database.db);
  } finally {
    await database.close();
  }
}

export async function createKey(
  db: Connection,
  { name, role, email, expires, datasets, verbs }: NewKey,
): Promise<void> {
  const newId = createUuidV7(randomFillSync);
  const text = apiKeyText(randomBytes(API_KEY_RANDOM_BYTES));
  const expiresAt = expires === undefined ? null : new Date(Date.now() + expires);
  await inTransaction(db, async (tx) => {
    const userId = await userOf(tx, { id: newId(Date.now()), name, role, email });
    const id = newId(Date.now());
    await insertApiKey(
      tx,
      { id, userId, name, expiresAt, datasets: datasets ?? null, verbs: verbs ?? null },
      text,
    );
    await recordAudit(tx, {
      by: null,
      via: 'cli',
      action: 'key.create',
      subject: { type: 'key', id },
      details: { name, userId, expiresAt, datasets, verbs },
    });
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

export async function listKeys(db: Database, json: boolean): Promise<void> {
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

export async function revokeKey(db: Connection, text: string): Promise<void> {
  const [key, ...others] = await findKeysByName(db, text);
  if (key === undefined)
    throw new AppError(
      'NOT_FOUND',
      `No key has the id "${text}" or a prefix that begins with it. "sluice keys list" shows all.`,
    );
  if (others.length > 0)
    throw new AppError(
      'CONFLICT',
      `${others.length + 1} keys begin with "${text}". Give more of the prefix, or the id.`,
    );
  await inTransaction(db, async (tx) => {
    await revokeApiKey(tx, key.id);
    await recordAudit(tx, {
      by: null,
      via: 'cli',
      action: 'key.revoke',
      subject: { type: 'key', id: key.id },
    });
  });
  process.stdout.write(`Revoked ${key.prefix}… ("${key.name}" of ${key.user.email}).\n`);
}
