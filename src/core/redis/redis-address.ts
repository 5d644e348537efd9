// What REDIS_URL may be: one server, Sentinels that know which server is the master, or nodes of a Cluster.

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

interface Reached {
  /** Where to begin: the others are learned from these. */
  readonly nodes: readonly RedisNode[];
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

export type RedisAddress =
  /** The URL as it is: ioredis reads it. */
  | { readonly kind: 'single'; readonly url: string; readonly tls: boolean }
  | (Reached & {
      readonly kind: 'sentinel';
      /** What the Sentinels call the master. */
      readonly master: string;
      readonly db: number;
      readonly sentinelUsername: string | undefined;
      readonly sentinelPassword: string | undefined;
    })
  | (Reached & { readonly kind: 'cluster' });

/** Addresses as the servers name them, and as they are reached from here. */
export type NatMap = Readonly<Record<string, RedisNode>>;

const FORMS =
  'redis://, rediss://, redis+sentinel://, rediss+sentinel://, redis+cluster:// or rediss+cluster://';
const SENTINEL_PORT = 26_379;
const SERVER_PORT = 6379;
const SEVERAL = /^redis(s?)\+(sentinel|cluster):\/\/(?:([^@/?]*)@)?([^@/?]*)(?:\/([^?]*))?(?:\?(.*))?$/;

/** @throws Error whose message ends the sentence "REDIS_URL …"; it repeats nothing of the user or the passwords */
export function readRedisAddress(url: string): RedisAddress {
  const [, s, form, user, hosts = '', path = '', query = ''] = SEVERAL.exec(url) ?? [];
  if (form === undefined) return readSingle(url);
  const [username, password] = readUser(user ?? '');
  const reached = { tls: s === 's', username, password };
  if (form === 'cluster') {
    if (path !== '' && path !== '0')
      throw new Error('must end after the hosts: a Cluster has only one database, which is 0');
    if (query !== '') throw new Error('must have no "?" after the hosts of a Cluster');
    return { kind: 'cluster', nodes: readNodes(hosts, SERVER_PORT), ...reached };
  }
  const [master = '', db = '0', ...rest] = path.split('/').map(decoded);
  if (master === '')
    throw new Error(
      'must name the master after the Sentinels, as in redis+sentinel://host1:26379,host2:26379/mymaster',
    );
  if (!/^\d{1,5}$/.test(db) || rest.length > 0)
    throw new Error('must have at most the number of a database after the name of the master');
  const options = new URLSearchParams(query);
  const unknown = [...options.keys()].find((key) => !SENTINEL_OPTIONS.includes(key));
  if (unknown !== undefined)
    throw new Error(`has the option "${unknown}". Sentinels have ${SENTINEL_OPTIONS.join(' and ')}`);
  return {
    kind: 'sentinel',
    nodes: readNodes(hosts, SENTINEL_PORT),
    ...reached,
    master,
    db: Number(db),
    sentinelUsername: options.get('sentinelUsername') ?? undefined,
    sentinelPassword: options.get('sentinelPassword') ?? undefined,
  };
}

const SENTINEL_OPTIONS = ['sentinelUsername', 'sentinelPassword'];

function readSingle(url: string): RedisAddress {
  const protocol = URL.canParse(url) ? new URL(url).protocol : undefined;
  if (protocol !== 'redis:' && protocol !== 'rediss:')
    throw new Error(`must be a URL beginning with ${FORMS}`);
  return { kind: 'single', url, tls: protocol === 'rediss:' };
}

function readUser(user: string): [string | undefined, string | undefined] {
  const at = user.indexOf(':');
  const [name, password] = at < 0 ? [user, ''] : [user.slice(0, at), user.slice(at + 1)];
  return [decoded(name) || undefined, decoded(password) || undefined];
}

/** @throws Error when it is no percent-encoding */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('has a "%" that does not begin a percent-encoded byte; write "%25" for a "%"');
  }
}

function readNodes(hosts: string, defaultPort: number): RedisNode[] {
  return hosts.split(',').map((host) => readNode(host, defaultPort));
}

function readNode(text: string, defaultPort?: number): RedisNode {
  const [, host, port = String(defaultPort ?? '')] =
    /^(\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/.exec(text.trim()) ?? [];
  if (host === undefined || !(Number(port) >= 1 && Number(port) <= 65_535))
    throw new Error(
      `must name hosts with commas between them, as in host1:6379,host2:6379; "${text}" is none`,
    );
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** As in "10.0.0.1:6379=redis1.example.com:7001,…". @throws Error whose message ends the sentence "REDIS_NAT_MAP …" */
export function readNatMap(text: string): NatMap {
  return Object.fromEntries(
    text
      .split(',')
      .filter((pair) => pair.trim() !== '')
      .map((pair) => {
        const [inside, outside, ...rest] = pair.split('=');
        if (inside === undefined || outside === undefined || rest.length > 0)
          throw new Error(`must be pairs as in "10.0.0.1:6379=redis.example.com:7001", not "${pair}"`);
        return [nodeText(readNode(inside)), readNode(outside)];
      }),
  );
}

/** `host:port`, as the keys of a NatMap are. */
export function nodeText({ host, port }: RedisNode): string {
  return `${host}:${port}`;
}

/** The prefix of all keys. In a Cluster all of them must be in one slot, which a hash tag does: what is between "{" and "}". */
export function prefixFor(url: string, prefix: string): string {
  return /^rediss?\+cluster:/.test(url) && !/\{[^}]+\}/.test(prefix) ? `{${prefix}}` : prefix;
}
