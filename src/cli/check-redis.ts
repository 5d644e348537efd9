// The Redis that REDIS_URL names, tried before anything stands on it: every server that Sluice would speak to, one by one, so that
// the message names the one that is wrong.
import { Redis, type RedisOptions } from 'ioredis';
import {
  nodeText,
  readRedisAddress,
  type RedisAddress,
  type RedisNode,
} from '../core/redis/redis-address.ts';
import { AppError } from '../errors.ts';
import { reachedAs, serverOptions, type RedisSettings } from '../queue/connection.ts';
import { refuseUnfit, SINGLE, unusableRedis, wrongRedis } from './redis-problems.ts';

const CONNECT_TIMEOUT_MS = 5000;

/** A server of which is known where it is. */
interface Server {
  /** For people. */
  readonly what: string;
  readonly options: RedisOptions;
  /** Only of a single server. */
  readonly url?: string;
}

type Sentinels = Extract<RedisAddress, { kind: 'sentinel' }>;
type Nodes = Extract<RedisAddress, { kind: 'cluster' }>;

/** @throws AppError UNAVAILABLE when a server cannot be reached, CONFIG_INVALID when it refuses us or does not fit */
export async function checkRedis(settings: RedisSettings): Promise<void> {
  const address = readRedisAddress(settings.redisUrl);
  const options = serverOptions(address, settings);
  switch (address.kind) {
    case 'single':
      return checkServer({ what: SINGLE, options, url: address.url }, 'standalone');
    case 'sentinel': {
      const master = await askSentinels(address, options);
      const what = `${nodeText(master)}, which the Sentinels call the master "${address.master}",`;
      return checkServer({ what, options: { ...options, ...reachedAs(master, settings) } }, 'standalone');
    }
    case 'cluster':
      for (const master of await askCluster(address, options)) {
        const what = `${nodeText(master)}, a node of the Cluster,`;
        await checkServer({ what, options: { ...options, ...reachedAs(master, settings) } }, 'cluster');
      }
  }
}

async function checkServer(server: Server, mode: 'standalone' | 'cluster'): Promise<void> {
  const info = await ask(server, (redis) => redis.info());
  refuseUnfit(info, server.what, mode);
}

/** @returns where the master is, as the first Sentinel says that answers */
async function askSentinels(address: Sentinels, options: RedisOptions): Promise<RedisNode> {
  const { sentinelUsername: username, sentinelPassword: password } = address;
  const { tls } = options;
  let problem: unknown;
  for (const node of address.nodes) {
    const server = {
      what: `The Sentinel ${nodeText(node)}`,
      options: {
        ...node,
        ...(tls === undefined ? {} : { tls }),
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
      },
    };
    try {
      const [master, names] = await ask(server, async (redis) => {
        const found = (await redis.call('sentinel', 'get-master-addr-by-name', address.master)) as
          | string[]
          | null;
        return [found, found === null ? await masterNames(redis) : []];
      });
      if (master !== null) return { host: master[0]!, port: Number(master[1]) };
      throw wrongRedis(
        `${server.what} knows no master "${address.master}" (the name after the hosts in REDIS_URL). It watches: ${names.join(', ') || 'none'}.`,
      );
    } catch (error) {
      // Another one may know; the first that had something to say is the one to tell of.
      if (!(problem instanceof AppError) || problem.code === 'UNAVAILABLE') problem = error;
    }
  }
  throw problem;
}

async function masterNames(redis: Redis): Promise<string[]> {
  const masters = (await redis.call('sentinel', 'masters')) as string[][];
  return masters.map((fields) => fields[fields.indexOf('name') + 1]!);
}

/** @returns the masters, as the first node says that answers */
async function askCluster(address: Nodes, options: RedisOptions): Promise<RedisNode[]> {
  let problem: unknown;
  for (const node of address.nodes) {
    const server = { what: `${nodeText(node)} of REDIS_URL`, options: { ...options, ...node } };
    try {
      return await ask(server, async (redis) => {
        const state = await redis.cluster('INFO');
        if (/^cluster_state:fail/m.test(state))
          throw new AppError(
            'UNAVAILABLE',
            `${server.what} says that the Cluster is down (cluster_state:fail). A master and all its replicas may be away, or not all slots are served.`,
            { variable: 'REDIS_URL' },
          );
        const slots = await redis.cluster('SLOTS');
        const masters = slots.flatMap(([, , master]) =>
          master === undefined ? [] : [{ host: master[0] || node.host, port: master[1] }],
        );
        return [...new Map(masters.map((master) => [nodeText(master), master])).values()];
      });
    } catch (error) {
      if (!(problem instanceof AppError) || problem.code === 'UNAVAILABLE') problem = error;
    }
  }
  throw problem;
}

function readsTls({ url, options }: Server): boolean {
  return options.tls !== undefined || url?.startsWith('rediss:') === true;
}

/** One connection, one question. @throws AppError that says what is wrong with the server */
async function ask<T>(server: Server, question: (redis: Redis) => Promise<T>): Promise<T> {
  const options: RedisOptions = {
    ...server.options,
    lazyConnect: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: CONNECT_TIMEOUT_MS,
  };
  const redis = server.url === undefined ? new Redis(options) : new Redis(server.url, options);
  // What the server says of a wrong password comes as an event, before the first command fails.
  let said: Error | undefined;
  redis.on('error', (error: Error) => (said ??= error));
  try {
    await redis.connect();
    return await question(redis);
  } catch (error) {
    throw error instanceof AppError
      ? error
      : unusableRedis(said ?? (error as Error), server.what, readsTls(server));
  } finally {
    redis.disconnect();
  }
}
