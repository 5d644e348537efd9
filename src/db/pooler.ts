// Whether a pooler in transaction mode stands between us and Postgres. It changes nothing there.
import pg from 'pg';
import { connectionOptions, type PostgresAddress } from './connection.ts';

/** How often sessions are compared: other clients of a busy pooler may take those that would show it. */
const ROUNDS = 20;
/** A pooler in session mode may have no second session for us. */
const PATIENCE_MS = 2000;

/**
 * A pooler answers in the place of Postgres when a connection is opened, and cannot tell the process that will serve it; a direct connection
 * says the same process twice, which settles most cases by one statement. Of a pooler we see its mode by a session that changes
 * while we are connected, or that two of our connections have at the same time.
 */
export async function sharesSessions(address: PostgresAddress): Promise<boolean> {
  const [one, other] = [openPlain(address), openPlain(address)];
  try {
    await one.connect();
    const first = await backendOf(one);
    if (first === (one as pg.Client & { readonly processID: number }).processID) return false;
    for (let round = 0; round < ROUNDS; round++) if ((await backendOf(one)) !== first) return true;
    return await haveTheSame(one, other, first);
  } finally {
    for (const client of [one, other]) void client.end().catch(() => undefined);
  }
}

async function haveTheSame(one: pg.Client, other: pg.Client, first: number): Promise<boolean> {
  const second = await withinPatience(other.connect().then(() => backendOf(other)));
  // One connection holds what the other would need: that is how session mode is.
  if (second === undefined) return false;
  for (let round = 0; round < ROUNDS; round++) {
    const [oneHas, otherHas] = [await backendOf(one), await backendOf(other)];
    if (oneHas !== first || otherHas !== second || oneHas === otherHas) return true;
  }
  return false;
}

function openPlain(address: PostgresAddress): pg.Client {
  const client = new pg.Client(connectionOptions(address, 'check'));
  // A connection that breaks tells by the query that fails.
  client.on('error', () => undefined);
  return client;
}

async function backendOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]!.pid;
}

/** Undefined when it took too long, or failed, as a pooler refuses what it has no session for. */
async function withinPatience<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, undefined);
  });
  try {
    return await Promise.race([work.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
