// The one place that makes connections to Redis, whatever form it has: a server, Sentinels, a Cluster.
import { Cluster, Redis, type ClusterNode, type RedisOptions } from 'ioredis';
import type { Config } from '../config/config.ts';
import {
  nodeText,
  readRedisAddress,
  type RedisAddress,
  type RedisNode,
} from '../core/redis/redis-address.ts';
import type { Logger } from '../logger.ts';

export type RedisClient = Redis | Cluster;

/** What a connection is made from. */
export type RedisSettings = Pick<
  Config,
  'redisUrl' | 'redisTlsCa' | 'redisTlsCert' | 'redisTlsKey' | 'redisNatMap'
>;

/** An answer that takes longer counts as no answer for a request; workers wait as long as it takes. */
const PRODUCER_COMMAND_TIMEOUT_MS = 2000;
/** A server that vanished without a word (a host without power, a cut line) is given up after this. BullMQ waits 10 s for a job. */
const SILENCE_MS = 20_000;
/** How often a worker sends a command to a Cluster again while a node of it is being replaced, every 100 ms. */
const WORKER_REDIRECTIONS = 600;
/** The same node is not complained about more often. */
const NODE_LOG_MS = 60_000;

const retryMs = (attempt: number): number => Math.min(100 * 2 ** Math.min(attempt, 5), 2000);

/** Of each connection, to whatever server. */
export function serverOptions(address: RedisAddress, settings: RedisSettings): RedisOptions {
  const tls = tlsOptions(settings);
  if (address.kind === 'single') return address.tls ? { tls } : {};
  const { username, password } = address;
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(address.tls ? { tls } : {}),
  };
}

function tlsOptions({ redisTlsCa, redisTlsCert, redisTlsKey }: RedisSettings) {
  return {
    ...(redisTlsCa === undefined ? {} : { ca: redisTlsCa }),
    ...(redisTlsCert === undefined ? {} : { cert: redisTlsCert }),
    ...(redisTlsKey === undefined ? {} : { key: redisTlsKey }),
  };
}

/** The server that Sentinels or a Cluster name, as it is reached from here. */
export function reachedAs(node: RedisNode, { redisNatMap }: Pick<RedisSettings, 'redisNatMap'>): RedisNode {
  return redisNatMap[nodeText(node)] ?? node;
}

/**
 * Opens a Redis connection. A `producer` (API, CLI) fails at once when Redis is away: Postgres has the truth and the
 * sweeper rings later. A `worker` waits for Redis to come back. The caller closes it; lost connections come back by themselves.
 */
export function openRedis(settings: RedisSettings, role: 'producer' | 'worker', logger: Logger): RedisClient {
  const address = readRedisAddress(settings.redisUrl);
  const isProducer = role === 'producer';
  const options: RedisOptions = {
    ...serverOptions(address, settings),
    maxRetriesPerRequest: null,
    socketTimeout: SILENCE_MS,
    ...(isProducer ? { commandTimeout: PRODUCER_COMMAND_TIMEOUT_MS } : {}),
  };
  if (address.kind === 'cluster') {
    const cluster = new Cluster([...address.nodes] satisfies ClusterNode[], {
      redisOptions: options,
      enableOfflineQueue: !isProducer,
      natMap: { ...settings.redisNatMap },
      clusterRetryStrategy: retryMs,
      // A certificate is for the name, not for the address behind it.
      dnsLookup: (host, found) => found(null, host),
      ...(isProducer ? {} : { maxRedirections: WORKER_REDIRECTIONS }),
    });
    logOutages(cluster, logger);
    logNodes(cluster, logger);
    return cluster;
  }
  const single: RedisOptions = {
    ...options,
    enableOfflineQueue: !isProducer,
    retryStrategy: retryMs,
    // The master has become a replica. What was refused is sent again, to the new one.
    reconnectOnError: ({ message }) => (message.startsWith('READONLY') ? 2 : false),
  };
  const redis =
    address.kind === 'single'
      ? new Redis(address.url, single)
      : new Redis({ ...single, ...sentinelOptions(address, settings), sentinelRetryStrategy: retryMs });
  logOutages(redis, logger);
  return redis;
}

function sentinelOptions(
  address: Extract<RedisAddress, { kind: 'sentinel' }>,
  settings: RedisSettings,
): RedisOptions {
  const { sentinelUsername, sentinelPassword } = address;
  return {
    sentinels: [...address.nodes],
    name: address.master,
    db: address.db,
    natMap: { ...settings.redisNatMap },
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(address.tls ? { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(settings) } : {}),
  };
}

function logOutages(redis: RedisClient, logger: Logger): void {
  let away = false;
  let sentinels: string | undefined;
  redis.on('sentinelError', ({ message }: Error) => (sentinels = message));
  redis.on('error', (error: Error & { lastNodeError?: Error }) => {
    // Not the error itself: it holds the command, which is AUTH with the password.
    const reason = error.lastNodeError?.message ?? sentinels ?? error.message;
    if (!away) logger.warn({ reason }, 'Redis cannot be reached; trying again until it can');
    away = true;
  });
  redis.on('ready', () => {
    if (away) logger.info('Redis is back');
    away = false;
    sentinels = undefined;
  });
}

/** A Cluster is there, and a node of it is not. */
function logNodes(cluster: Cluster, logger: Logger): void {
  const said = new Map<string, number>();
  cluster.on('node error', ({ message }: Error, node: string) => {
    if (performance.now() - (said.get(node) ?? -Infinity) < NODE_LOG_MS) return;
    said.set(node, performance.now());
    logger.warn({ reason: message, node }, 'A node of the Redis Cluster cannot be reached');
  });
}

/** A connection like the other, not connected yet, that waits for Redis as long as it is away, and for answers. */
export function patientCopy(redis: RedisClient): RedisClient {
  const patience = { enableOfflineQueue: true, lazyConnect: true };
  return redis instanceof Cluster
    ? redis.duplicate([], {
        ...patience,
        maxRedirections: WORKER_REDIRECTIONS,
        redisOptions: { ...redis.options.redisOptions, commandTimeout: undefined },
      })
    : redis.duplicate({ ...patience, commandTimeout: undefined });
}

/** Asks the server that has our keys. @throws Error when it does not answer */
export async function askRedis(
  redis: RedisClient,
  { queuePrefix }: Pick<Config, 'queuePrefix'>,
): Promise<void> {
  await redis.exists(`${queuePrefix}:is-it-there`);
}

/** How Redis could throw jobs away when its memory is full; undefined when it cannot, or does not tell (managed Redis). */
export async function evictionRisk(
  redis: RedisClient,
  config: Pick<Config, 'queuePrefix'>,
): Promise<{ policy: string; limited: boolean } | undefined> {
  await askRedis(redis, config);
  const servers = redis instanceof Cluster ? redis.nodes('master') : [redis];
  const asked = await Promise.all(
    servers.map(async (server) => riskOf(await server.info('memory').catch(() => ''))),
  );
  return asked.find((risk) => risk?.limited) ?? asked.find((risk) => risk !== undefined);
}

function riskOf(memory: string): { policy: string; limited: boolean } | undefined {
  const policy = /^maxmemory_policy:(.+?)\r?$/m.exec(memory)?.[1];
  if (policy === undefined || policy === 'noeviction') return undefined;
  return { policy, limited: /^maxmemory:0\r?$/m.exec(memory) === null };
}
