// What a server says of itself, of Redis 7.0 and of Valkey 8.0.1, which names its mode otherwise.
import { expect, it } from 'vitest';
import { refuseUnfit } from '../../src/cli/redis-problems.ts';

const INFO = {
  'Redis 7.0': (mode: string) => `redis_version:7.0.15\r\nredis_mode:${mode}\r\nrole:master\r\n`,
  'Valkey 8.0': (mode: string) =>
    `redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\nserver_mode:${mode}\r\nrole:master\r\n`,
};

it.each(Object.entries(INFO))(
  '%s: a Sentinel and a node of a Cluster are told from a server',
  (_name, info) => {
    expect(() => refuseUnfit(info('sentinel'), 'the server', 'standalone')).toThrow('is a Sentinel');
    expect(() => refuseUnfit(info('cluster'), 'the server', 'standalone')).toThrow('is a node of a Cluster');
    expect(() => refuseUnfit(info('standalone'), 'the server', 'standalone')).not.toThrow();
    expect(() => refuseUnfit(info('cluster'), 'the server', 'cluster')).not.toThrow();
  },
);
