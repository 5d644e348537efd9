// The Redis of the storm: one server, a master behind Sentinels, or a Cluster. Each is killed where it hurts: the master.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { launchTied } from '../../src/embedded/launcher.ts';
import { findRedis } from '../../src/embedded/redis-binary.ts';
import { startRedis } from '../../src/embedded/redis.ts';
import { makeCertificates } from '../support/certificates.ts';
import { REPOSITORY, spawnProcess, type TestProcess } from '../support/processes.ts';
import { startRedisCluster, startWatchedRedis, type RedisServer } from '../support/redis-servers.ts';
import { waitFor } from '../support/wait-for.ts';

export const REDIS_FORMS = ['single', 'sentinel', 'cluster'] as const;
export type RedisForm = (typeof REDIS_FORMS)[number];

export interface StormRedis {
  /** For the API and the workers. */
  readonly env: Readonly<Record<string, string>>;
  /** As kill -9 of the server, or of the master with the queues; it is started again, empty if `wipe` says so or it keeps nothing. */
  kill(options: { readonly wipe: boolean }): Promise<void>;
  /** Takes all keys. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

interface Place {
  readonly folder: string;
  readonly log: Parameters<typeof startRedis>[0]['log'];
}

const TOOLS = join(REPOSITORY, '.sluice', 'tools');
/** The queues' keys in a Cluster, where they have one slot. */
const PREFIX = 'storm';
const FAILOVER_MS = 60_000;

export function startStormRedis(form: RedisForm, place: Place): Promise<StormRedis> {
  switch (form) {
    case 'single':
      return startSingle(place);
    case 'sentinel':
      return startBehindSentinels(place);
    case 'cluster':
      return startInCluster(place);
  }
}

async function startSingle({ folder, log }: Place): Promise<StormRedis> {
  const options = { dataDir: join(folder, 'redis'), toolsDir: TOOLS, persistent: true, log };
  let server = await startRedis(options);
  const { port, url } = server;
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  redis.on('error', () => undefined);
  return {
    env: { REDIS_URL: url },
    async kill({ wipe }) {
      server.kill();
      await server.exited;
      if (wipe) await rm(join(folder, 'redis', 'appendonlydir'), { recursive: true, force: true });
      server = await startRedis({ ...options, port });
    },
    flush: async () => void (await redis.flushall()),
    async stop() {
      redis.disconnect();
      await server.stop();
    },
  };
}

async function startBehindSentinels({ folder }: Place): Promise<StormRedis> {
  const watched = await startWatchedRedis(folder);
  const running = new RunningServers(folder);
  return {
    env: { REDIS_URL: watched.url },
    async kill() {
      const master = await watched.master();
      await running.kill(master);
      const next = await waitFor(
        async () => {
          const named = await watched.master();
          return named.port !== master.port && /role:master/.test(await named.redis.info('replication'))
            ? named
            : undefined;
        },
        { what: 'the Sentinels to name another master', timeoutMs: FAILOVER_MS },
      );
      await running.startAgain(master, ['--replicaof', '127.0.0.1', String(next.port)]);
      await waitFor(async () => /connected_slaves:2/.test(await next.redis.info('replication')), {
        what: 'both replicas to follow the new master',
        timeoutMs: FAILOVER_MS,
      });
    },
    flush: async () => void (await (await watched.master()).redis.flushall()),
    async stop() {
      await watched.stop();
      await running.stop();
    },
  };
}

async function startInCluster({ folder }: Place): Promise<StormRedis> {
  const { caFile, certFile, keyFile, ...certificates } = await makeCertificates(folder);
  const cluster = await startRedisCluster(folder, { ...certificates, caFile, certFile, keyFile });
  const running = new RunningServers(folder);
  const key = `{${PREFIX}}:imports`;
  return {
    env: {
      REDIS_URL: cluster.url,
      SLUICE_QUEUE_PREFIX: PREFIX,
      REDIS_TLS_CA: caFile,
      REDIS_TLS_CERT: certFile,
      REDIS_TLS_KEY: keyFile,
    },
    async kill() {
      const master = await cluster.masterOf(key);
      await running.kill(master);
      const next = await waitFor(
        async () => {
          const named = await cluster.masterOf(key);
          return named.port === master.port ? undefined : named;
        },
        { what: 'a replica to take over the slot', timeoutMs: FAILOVER_MS },
      );
      await running.startAgain(master);
      await waitFor(async () => /connected_slaves:1/.test(await next.redis.info('replication')), {
        what: 'the node that was killed to follow',
        timeoutMs: FAILOVER_MS,
      });
    },
    flush: async () => void (await (await cluster.masterOf(key)).redis.flushall()),
    async stop() {
      await cluster.stop();
      await running.stop();
    },
  };
}

/** Servers that are started again, each with its own file and folder. */
class RunningServers {
  readonly #folder: string;
  readonly #again = new Map<number, TestProcess>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async kill({ port, process }: RedisServer): Promise<void> {
    const now = this.#again.get(port) ?? process;
    now.kill('SIGKILL');
    await now.exited;
  }

  async startAgain({ port }: RedisServer, args: readonly string[] = []): Promise<void> {
    const binary = await findRedis(TOOLS, { info: () => undefined, debug: () => undefined });
    const { prefix } = await launchTied('TERM');
    const file = join(this.#folder, `server-${port}`, 'redis.conf');
    const started = spawnProcess([...prefix, binary.path, file, ...args], { env: binary.env });
    await started.says(/Ready to accept connections/);
    this.#again.set(port, started);
  }

  async stop(): Promise<void> {
    for (const process of this.#again.values()) process.kill('SIGKILL');
    await Promise.all([...this.#again.values()].map(({ exited }) => exited));
  }
}
