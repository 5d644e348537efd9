// What can be wrong with a Redis, in sentences that say what to do.
import { AppError } from '../errors.ts';

/** BullMQ asks for it. */
const OLDEST_REDIS = [6, 2] as const;

/** What the only server is called. */
export const SINGLE = 'the Redis of REDIS_URL';

const NOT_TRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** @param info what `INFO` answers; a managed Redis may not tell all of it */
export function refuseUnfit(info: string, what: string, mode: 'standalone' | 'cluster'): void {
  const field = (name: string) => new RegExp(`^${name}:(.+?)\\r?$`, 'm').exec(info)?.[1];
  const server = `${what[0]!.toUpperCase()}${what.slice(1)}`;
  // Valkey 8 has another name for it.
  const found = field('redis_mode') ?? field('server_mode');
  if (found === 'sentinel')
    throw wrongRedis(
      `${server} is a Sentinel. Write REDIS_URL as redis+sentinel://host:26379,host:26379/NAME, with the name of its master.`,
    );
  if (found === 'cluster' && mode === 'standalone')
    throw wrongRedis(
      `${server} is a node of a Cluster. Begin REDIS_URL with redis+cluster:// (with TLS: rediss+cluster://).`,
    );
  if (field('role') === 'slave') {
    const replica = `${server} is a replica of ${field('master_host')}:${field('master_port')} and takes no writes.`;
    if (what === SINGLE)
      throw wrongRedis(`${replica} Name the master in REDIS_URL, or Sentinels that know it.`);
    throw new AppError('UNAVAILABLE', `${replica} A fail-over may be under way.`, { variable: 'REDIS_URL' });
  }
  const version = field('redis_version');
  if (version !== undefined) refuseOldRedis(version, server);
}

function refuseOldRedis(version: string, server: string): void {
  const [major = NaN, minor = NaN] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_REDIS;
  if (Number.isNaN(minor) || major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw wrongRedis(
    `${server} is version ${major}.${minor}. Sluice needs ${OLDEST_REDIS.join('.')} or later.`,
  );
}

/** What a server has answered, or what became of the connection to it, as a sentence. */
export function unusableRedis(error: NodeJS.ErrnoException, what: string, hasTls: boolean): AppError {
  const { code = '' } = error;
  // What OpenSSL says ends with a line break.
  const message = error.message.trim();
  const of = what === SINGLE ? '' : ` (${what.replace(/,$/, '')})`;
  const invalid = (sentence: string) => wrongRedis(sentence, error);
  if (/^(WRONGPASS|NOAUTH|ERR AUTH)/.test(message))
    return invalid(`Redis refuses the user or the password in REDIS_URL${of}: ${message}`);
  if (message.startsWith('NOPERM'))
    return invalid(
      `The user of REDIS_URL may not do what Sluice needs${of}: ${message}. docs/redis.md has the rights to give.`,
    );
  if (/cluster support disabled/.test(message))
    return invalid(
      `Redis is no Cluster${of}: ${message}. Begin REDIS_URL with redis:// (with TLS: rediss://).`,
    );
  if (/unknown command .?sentinel/i.test(message))
    return invalid(
      `Redis is no Sentinel${of}. Name the Sentinels in REDIS_URL (their port is 26379 as a rule), or begin it with redis://.`,
    );
  if (NOT_TRUSTED.has(code))
    return invalid(
      `The certificate of Redis is not trusted${of}: ${message}. Set REDIS_TLS_CA to a file with the certificate of the authority that signed it.`,
    );
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return invalid(
      `The certificate of Redis is for another name than the one it was reached by${of}: ${message}`,
    );
  if (code.startsWith('CERT_')) return invalid(`The certificate of Redis cannot be used${of}: ${message}.`);
  if (/wrong version number|packet length too long|record layer failure/i.test(message))
    return invalid(
      `Redis does not speak TLS${of}. Begin REDIS_URL with redis instead of rediss, or name the port that has TLS.`,
    );
  if (/certificate required|alert handshake failure|unknown ca/i.test(message))
    return invalid(
      `Redis wants a certificate of its clients${of}: ${message}. Set REDIS_TLS_CERT and REDIS_TLS_KEY.`,
    );
  return new AppError(
    'UNAVAILABLE',
    `Redis cannot be reached at REDIS_URL${of}: ${message}. ${adviceFor(error, what, hasTls)}`,
    { variable: 'REDIS_URL' },
    { cause: error },
  );
}

function adviceFor({ code, message }: NodeJS.ErrnoException, what: string, hasTls: boolean): string {
  if (/which the Sentinels|a node of the Cluster/.test(what))
    return 'It was named by the others. If it has another address from here, set REDIS_NAT_MAP.';
  const usual = 'Is it running, and is the address right?';
  if (code !== 'ECONNRESET' && code !== 'ETIMEDOUT' && message !== 'Connection is closed.') return usual;
  return hasTls
    ? `${usual} Does it speak TLS at this port? If it wants a certificate of its clients, set REDIS_TLS_CERT and REDIS_TLS_KEY.`
    : `${usual} If it wants TLS, begin REDIS_URL with rediss.`;
}

/** Waiting mends nothing. */
export function wrongRedis(message: string, cause?: Error): AppError {
  return new AppError('CONFIG_INVALID', message, { variable: 'REDIS_URL' }, { cause });
}
