// Hosts on one machine: each has a network of its own, a namespace with nothing but a loopback, and reaches the servers of the tests at the
// ports where they are here. Needs root; the namespace ends with its relay.
import { request } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { runProgram } from '../../src/embedded/run-program.ts';
import { debianProgram, type Program } from './debian-program.ts';
import { REPOSITORY, spawnProcess } from './processes.ts';

/** Where the API of a host listens: nobody else does. */
export const HOST_PORT = 8080;

export const mayMakeHosts = process.geteuid?.() === 0;

export interface Host {
  /** What a command begins with that is to run on it. */
  readonly enter: readonly string[];
  /** Asks the API on it. */
  ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<Answer>;
  /** From now on no packet goes in or out, as with a pulled cable: what is connected hears nothing. */
  cutOff(): Promise<void>;
  reconnect(): Promise<void>;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly json: unknown;
}

export interface Site {
  startHost(): Promise<Host>;
  stop(): Promise<void>;
}

/** @param servers URLs of servers on this machine's loopback that every host may reach */
export async function openSite(folder: string, servers: readonly string[]): Promise<Site> {
  const ip = await debianProgram('iproute2', 'usr/sbin/ip');
  const ports = [...new Set(servers.map((url) => Number(new URL(url).port)))];
  const doors = ports.map((port) => ({ port, door: join(folder, `${port}.door`) }));
  const open = await Promise.all(doors.map(({ port, door }) => openDoor(door, port)));
  const hosts: Host[] = [];
  return {
    async startHost() {
      const host = await startHost(ip, doors, join(folder, `host-${hosts.length}.door`));
      hosts.push(host);
      return host;
    },
    async stop() {
      await Promise.all(hosts.map((host) => host.stop()));
      for (const server of open) server.close();
    },
  };
}

async function startHost(
  ip: Program,
  doors: readonly { readonly port: number; readonly door: string }[],
  door: string,
): Promise<Host> {
  const settings = JSON.stringify({ doors, own: { port: HOST_PORT, door } });
  // The loopback of a new namespace is down.
  const script = '"$1" link set lo up && exec "$2" "$3" "$4"';
  const relayFile = join(REPOSITORY, 'tests/support/host-relay.mjs');
  const relay = spawnProcess(
    ['unshare', '--net', 'sh', '-c', script, 'sh', ip.path, process.execPath, relayFile, settings],
    { env: ip.env },
  );
  await relay.says(/relay ready/);
  const enter = ['nsenter', `--net=/proc/${relay.pid}/ns/net`];
  const setLoopback = async (to: 'up' | 'down'): Promise<void> => {
    await runProgram([...enter, ip.path, 'link', 'set', 'lo', to], { env: ip.env });
  };
  return {
    enter,
    ask: (method, path, headers, body) =>
      new Promise((resolve, reject) => {
        const asked = request({ socketPath: door, method, path, headers }, (response) => {
          text(response).then(
            (said) => resolve({ status: response.statusCode!, json: JSON.parse(said) as unknown }),
            reject,
          );
        });
        asked.once('error', reject).end(body);
      }),
    cutOff: () => setLoopback('down'),
    reconnect: () => setLoopback('up'),
    async stop() {
      relay.kill('SIGKILL');
      await relay.exited;
    },
  };
}

function openDoor(door: string, port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    near.on('error', () => far.destroy()).pipe(far);
    far.on('error', () => near.destroy()).pipe(near);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(door, () => resolve(server));
  });
}
