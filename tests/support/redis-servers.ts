// Several servers of the same redis-server program: a master with replicas and Sentinels, or a Cluster. They end with the test's process.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { launchTied } from '../../src/embedded/launcher.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { findRedis } from '../../src/embedded/redis-binary.ts';
import type { Certificates } from './certificates.ts';
import { REPOSITORY, spawnProcess, type TestProcess } from './processes.ts';
import { waitFor } from './wait-for.ts';

const HOST = '127.0.0.1';

export interface RedisServer {
  readonly port: number;
  readonly process: TestProcess;
  readonly redis: Redis;
  /** Ends it without a word. */
  kill(): Promise<void>;
}

export interface ServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Lines of redis.conf on top of the usual ones. */
  readonly config?: readonly string[];
  readonly mode?: 'server' | 'sentinel';
  /** It speaks TLS alone, and wants a certificate of who connects. */
  readonly tls?: Certificates | undefined;
  /** How the test itself speaks to it. */
  readonly client?: RedisOptions;
  /** Words before the command. */
  readonly prefix?: readonly string[];
  readonly host?: string;
}

/** Starts one in a folder of its own below `folder`, and waits until it answers. */
export async function startRedisServer(folder: string, options: ServerOptions = {}): Promise<RedisServer> {
  const { port = await freePort(), config = [], mode = 'server', client = {}, host = HOST, tls } = options;
  const log = { info: () => undefined, debug: () => undefined };
  const binary = await findRedis(join(REPOSITORY, '.sluice', 'tools'), log);
  const home = join(folder, `${mode}-${port}`);
  mkdirSync(home, { recursive: true });
  const file = join(home, 'redis.conf');
  const own =
    mode === 'sentinel'
      ? []
      : ['save ""', 'appendonly no', 'maxmemory-policy noeviction', 'repl-diskless-sync-delay 0'];
  writeFileSync(
    file,
    [
      `bind ${host}`,
      ...(tls === undefined ? [`port ${port}`] : tlsConfig(port, tls)),
      `dir "${home}"`,
      ...own,
      ...config,
      '',
    ].join('\n'),
  );
  const { prefix } = await launchTied('TERM');
  const flags = mode === 'sentinel' ? ['--sentinel'] : [];
  const command = [...(options.prefix ?? []), ...prefix, binary.path, file, ...flags];
  const process = spawnProcess(command, { env: binary.env });
  await process.says(mode === 'sentinel' ? /\+monitor master/ : /Ready to accept connections/);
  const redis = new Redis({
    host,
    port,
    lazyConnect: true,
    ...(tls === undefined ? {} : { tls: { ca: tls.ca, cert: tls.cert, key: tls.key } }),
    ...client,
  });
  redis.on('error', () => undefined);
  return {
    port,
    process,
    redis,
    async kill() {
      redis.disconnect();
      process.kill('SIGKILL');
      await process.exited;
    },
  };
}

function tlsConfig(port: number, { caFile, certFile, keyFile }: Certificates): string[] {
  return [
    'port 0',
    `tls-port ${port}`,
    `tls-ca-cert-file "${caFile}"`,
    `tls-cert-file "${certFile}"`,
    `tls-key-file "${keyFile}"`,
    'tls-replication yes',
    'tls-cluster yes',
  ];
}

export interface WatchedRedis {
  /** For REDIS_URL. */
  readonly url: string;
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  /** The server that the Sentinels name. */
  master(): Promise<RedisServer>;
  stop(): Promise<void>;
}

export interface WatchedOptions {
  readonly tls?: Certificates;
  /** Lines of redis.conf of each server with data, and of each Sentinel, on top of the others. */
  readonly serverConfig?: readonly string[];
  readonly sentinelConfig?: readonly string[];
}

/** A master with two replicas, and three Sentinels that notice within a second when it is gone. */
export async function startWatchedRedis(folder: string, options: WatchedOptions = {}): Promise<WatchedRedis> {
  const { tls, serverConfig = [], sentinelConfig = [] } = options;
  const password = 'secret-of-the-data';
  const secret = [`requirepass ${password}`, `masterauth ${password}`, ...serverConfig];
  const client = { password };
  const first = await startRedisServer(folder, { config: secret, client, tls });
  const replicas = await Promise.all(
    [0, 1].map(() =>
      startRedisServer(folder, { config: [...secret, `replicaof ${HOST} ${first.port}`], client, tls }),
    ),
  );
  const servers = [first, ...replicas];
  await waitFor(async () => /connected_slaves:2/.test(await first.redis.info('replication')), {
    what: 'the replicas to follow',
  });
  const watch = [
    `sentinel monitor main ${HOST} ${first.port} 2`,
    `sentinel auth-pass main ${password}`,
    'sentinel down-after-milliseconds main 1500',
    'sentinel failover-timeout main 4000',
    ...sentinelConfig,
  ];
  const sentinels = await Promise.all(
    [0, 1, 2].map(() => startRedisServer(folder, { mode: 'sentinel', config: watch, tls })),
  );
  await waitFor(
    async () =>
      (
        await Promise.all(
          sentinels.map(({ redis }) => redis.call('sentinel', 'ckquorum', 'main') as Promise<string>),
        )
      ).every((answer) => answer.startsWith('OK 3')),
    { what: 'the Sentinels to know of each other' },
  );
  const all = [...servers, ...sentinels];
  return {
    url: `redis${tls === undefined ? '' : 's'}+sentinel://:${password}@${sentinels.map(({ port }) => `${HOST}:${port}`).join(',')}/main`,
    servers,
    sentinels,
    async master() {
      const [, port] = (await sentinels[0]!.redis.call(
        'sentinel',
        'get-master-addr-by-name',
        'main',
      )) as string[];
      return servers.find((server) => String(server.port) === port)!;
    },
    stop: async () => void (await Promise.all(all.map((server) => server.kill()))),
  };
}

export interface RedisCluster {
  /** For REDIS_URL. */
  readonly url: string;
  readonly servers: readonly RedisServer[];
  /** The master that has a key. */
  masterOf(key: string): Promise<RedisServer>;
  stop(): Promise<void>;
}

/** Three masters with a replica each, which speak TLS. */
export async function startRedisCluster(
  folder: string,
  tls: Certificates,
  config: readonly string[] = [],
): Promise<RedisCluster> {
  const start = async () =>
    startRedisServer(folder, {
      tls,
      config: [
        'cluster-enabled yes',
        'cluster-config-file nodes.conf',
        `cluster-port ${await freePort()}`,
        'cluster-node-timeout 1500',
        'cluster-replica-validity-factor 0',
        ...config,
      ],
    });
  const servers = await Promise.all([0, 1, 2, 3, 4, 5].map(start));
  const masters = servers.slice(0, 3);
  const ids = await Promise.all(servers.map(({ redis }) => redis.cluster('MYID')));
  for (const [at, { redis }] of masters.entries()) {
    const [from, to] = [at * 5461, at === 2 ? 16_383 : (at + 1) * 5461 - 1];
    await redis.call('cluster', 'addslotsrange', String(from), String(to));
    await redis.call('cluster', 'set-config-epoch', String(at + 1));
  }
  for (const { port, redis } of servers.slice(1)) {
    const busPort = await redis.config('GET', 'cluster-port');
    await servers[0]!.redis.call('cluster', 'meet', HOST, String(port), busPort[1]!);
  }
  const known = async ({ redis }: RedisServer): Promise<boolean> =>
    /cluster_known_nodes:6/.test(await redis.cluster('INFO'));
  await waitFor(async () => (await Promise.all(servers.map(known))).every(Boolean), {
    what: 'the nodes to know each other',
  });
  for (const [at, { redis }] of servers.slice(3).entries()) await redis.cluster('REPLICATE', ids[at]!);
  const isWhole = async ({ redis }: RedisServer): Promise<boolean> =>
    /cluster_state:ok/.test(await redis.cluster('INFO'));
  await waitFor(async () => (await Promise.all(servers.map(isWhole))).every(Boolean), {
    what: 'the Cluster to be whole',
  });
  await waitFor(
    async () =>
      (await Promise.all(masters.map(({ redis }) => redis.info('replication')))).every((info) =>
        /connected_slaves:1/.test(info),
      ),
    { what: 'the replicas to follow' },
  );
  const living = async (): Promise<RedisServer> =>
    waitFor(
      async () => {
        const answers = servers.map(async (server) => (await server.redis.ping()) && server);
        return Promise.any(answers);
      },
      { what: 'a node to answer' },
    );
  return {
    url: `rediss+cluster://${masters.map(({ port }) => `${HOST}:${port}`).join(',')}`,
    servers,
    async masterOf(key) {
      const { redis } = await living();
      const slot = await redis.cluster('KEYSLOT', key);
      const ranges = await redis.cluster('SLOTS');
      const [, , master] = ranges.find(([from, to]) => from <= slot && slot <= to)!;
      return servers.find(({ port }) => port === master![1])!;
    },
    stop: async () => void (await Promise.all(servers.map((server) => server.kill()))),
  };
}
