// Reads Postgres' errors: is the server away, is it a clash worth another try, or is it about the data?
import pg from 'pg';

/** The error codes of Postgres that Sluice knows by name (Appendix A of its documentation). */
export const SQLSTATE = {
  tooLong: '22001',
  outOfRange: '22003',
  untranslatableCharacter: '22021',
  invalidParameterValue: '22023',
  notNullViolation: '23502',
  foreignKeyViolation: '23503',
  uniqueViolation: '23505',
  checkViolation: '23514',
  exclusionViolation: '23P01',
  invalidSchemaName: '3F000',
  dependentObjects: '2BP01',
  undefinedTable: '42P01',
  undefinedObject: '42704',
  diskFull: '53100',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
} as const;

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);
/** pg says these in words only. */
const LOST_CONNECTION =
  /Connection terminated|timeout exceeded when trying to connect|^timeout expired$|Client has encountered a connection error|not queryable|connection error/i;

/** ENOENT is a Unix socket that is not there; of any other call it is a file. */
function isNetworkError({ code = '', syscall }: NodeJS.ErrnoException): boolean {
  return NETWORK_CODES.has(code) && (code !== 'ENOENT' || syscall === 'connect');
}

function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let at = error; at instanceof Error && chain.length < 8; at = at.cause) {
    chain.push(at);
    if (at instanceof AggregateError) chain.push(...at.errors);
  }
  return chain;
}

/** The DatabaseError inside, if the failure is one (drizzle wraps them). */
export function databaseError(error: unknown): pg.DatabaseError | undefined {
  return causes(error).find((each) => each instanceof pg.DatabaseError);
}

/**
 * How the context of an error begins that a function of the user's has raised: what it says of itself, also by its code, is about
 * the row. A regular expression, for Postgres and for us; the innermost place is on the first line.
 */
export const RAISED = '^[^\\n]*\\mRAISE\\M';

const IS_RAISED = new RegExp(RAISED.replace('\\m', '\\b').replace('\\M', '\\b'));

/** The code of what Postgres itself has found; undefined when it has found nothing, or a function has raised it. */
function ownCode(error: unknown): string | undefined {
  const cause = databaseError(error);
  return cause === undefined || IS_RAISED.test(cause.where ?? '') ? undefined : cause.code;
}

/**
 * True when Postgres is away, starting, stopping, full, cut the connection, or takes no writes (a standby, after a fail-over): the
 * same work may succeed later.
 */
export function isUnavailable(error: unknown): boolean {
  const sqlState = ownCode(error) ?? '';
  // 08 connection, 25006 read-only, 25P03 idle in a transaction, 57P0x shutdown, crash, starting, database gone, 53100 out of room,
  // 53300 out of connections.
  if (/^(08|25006|25P03|57P0|53100|53300)/.test(sqlState)) return true;
  return causes(error).some(
    (each) =>
      each instanceof Error &&
      !(each instanceof pg.DatabaseError) &&
      (isNetworkError(each) || LOST_CONNECTION.test(each.message)),
  );
}

/** True for a deadlock or a serialization failure: the transaction may simply be run again. */
export function isTransactionClash(error: unknown): boolean {
  return ownCode(error)?.startsWith('40') === true;
}

/** True when a lock was not had in the time that was given for it. */
export function isLockTimeout(error: unknown): boolean {
  return ownCode(error) === SQLSTATE.lockNotAvailable;
}

/** True when a statement took longer than it was given, or somebody has cancelled it. */
export function isStatementTimeout(error: unknown): boolean {
  return ownCode(error) === SQLSTATE.queryCanceled;
}

/** The classes of Postgres' own errors that are not about data; 54000 is: a value too long for an index. */
const OTHER_CLASSES =
  '00|01|02|03|08|09|0A|0B|0F|0L|0P|0Z|10|20|21|24|25|26|27|28|2B|2D|2F|34|38|39|3B|3D|3F|40|42|53|54(?!000)|55|57|58|72|F0|HV|XX';

/**
 * A regular expression, for Postgres and for us, of the SQLSTATEs that are about the data: class 22 (data), 23 (constraint), 44 (view
 * check), P0 (a trigger raised), and those that only a trigger of the user's can have made up.
 */
export const DATA_ERROR = `^(?!${OTHER_CLASSES})`;

const IS_DATA_ERROR = new RegExp(DATA_ERROR);

/** True when the data broke a rule of the database, or a function of the user's has refused it. */
export function isDataError(error: pg.DatabaseError): boolean {
  return IS_RAISED.test(error.where ?? '') || (error.code !== undefined && IS_DATA_ERROR.test(error.code));
}
