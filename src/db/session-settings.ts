// What each session of Sluice is set to, whatever the role, the database or the server has set.

/** Settings of Postgres by name. */
export type SessionSettings = Readonly<Record<string, string>>;

/** Of a time limit of Postgres. */
export const NO_LIMIT = '0';

/**
 * Dates go to and fro as UTC text whatever the server's own zone. The other ones would end long work, or have a statement not see what was
 * committed while it waited for a lock.
 */
const USUAL: SessionSettings = {
  timezone: 'UTC',
  datestyle: 'ISO',
  statement_timeout: NO_LIMIT,
  lock_timeout: NO_LIMIT,
  // Unknown before Postgres 17.
  transaction_timeout: NO_LIMIT,
  default_transaction_isolation: 'read committed',
  // Postgres closes a session that leaves a transaction idle this long, so that a frozen process cannot hold its locks.
  idle_in_transaction_session_timeout: '30000',
};

/** They say something only while a transaction is open for a while. */
const OF_TRANSACTIONS = ['idle_in_transaction_session_timeout', 'client_connection_check_interval'];

/** The usual settings, and those given over them. */
export function withUsual(settings: SessionSettings): SessionSettings {
  return { ...USUAL, ...settings };
}

const WANTED = (settings: SessionSettings): string =>
  `(VALUES ${Object.entries(settings)
    .map(([name, value]) => `('${name}', '${value}')`)
    .join(', ')}) AS wanted (name, value)`;

/** SQL that sets them for the session. What the server does not know is left out. */
export function setForSession(settings: SessionSettings): string {
  return `SELECT set_config(wanted.name, wanted.value, false) FROM ${WANTED(settings)} JOIN pg_settings s ON lower(s.name) = wanted.name`;
}

/** A row of what `compareSettings` asks for: a setting that the server knows. */
export interface ComparedSetting {
  readonly name: string;
  /** Whether the session has another value. */
  readonly differs: boolean;
}

/** SQL that changes nothing, and gives `ComparedSetting`s. */
export function compareSettings(settings: SessionSettings): string {
  // DateStyle is two words, of which we want the first.
  return `SELECT wanted.name, split_part(s.setting, ',', 1) <> wanted.value AS differs
            FROM ${WANTED(settings)} JOIN pg_settings s ON lower(s.name) = wanted.name`;
}

/** SQL that sets them until the end of the transaction that is open. */
export function setForTransaction(settings: SessionSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `SET LOCAL ${name} = '${value}'`)
    .join('; ');
}

/** Whether it matters to a statement that is a transaction by itself. */
export function mattersToStatement(name: string): boolean {
  return !OF_TRANSACTIONS.includes(name);
}
