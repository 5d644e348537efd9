import { describe, expect, it } from 'vitest';
import { readNatMap, readRedisAddress } from '../../../src/core/redis/redis-address.ts';

describe('readRedisAddress', () => {
  it('leaves the URL of one server as it is', () => {
    expect(readRedisAddress('rediss://user:p%40ss@db:6380/2')).toEqual({
      kind: 'single',
      url: 'rediss://user:p%40ss@db:6380/2',
      tls: true,
    });
  });

  it('reads Sentinels, the name of their master, and both kinds of passwords', () => {
    expect(
      readRedisAddress(
        'rediss+sentinel://app:p%40%2Fs:s@one,two:26380,[2001:db8::1]:7/my%20master/3?sentinelPassword=a%26b',
      ),
    ).toEqual({
      kind: 'sentinel',
      tls: true,
      username: 'app',
      password: 'p@/s:s',
      nodes: [
        { host: 'one', port: 26_379 },
        { host: 'two', port: 26_380 },
        { host: '2001:db8::1', port: 7 },
      ],
      master: 'my master',
      db: 3,
      sentinelUsername: undefined,
      sentinelPassword: 'a&b',
    });
  });

  it('reads the nodes of a Cluster', () => {
    expect(readRedisAddress('redis+cluster://:secret@10.0.0.1:7000,10.0.0.2')).toEqual({
      kind: 'cluster',
      tls: false,
      username: undefined,
      password: 'secret',
      nodes: [
        { host: '10.0.0.1', port: 7000 },
        { host: '10.0.0.2', port: 6379 },
      ],
    });
  });

  it.each([
    ['redis+sentinel://hunter2:hunter2@one,two', /name the master after the Sentinels/],
    ['redis+sentinel://one/main/x', /at most the number of a database/],
    ['redis+sentinel://one/main/0/1', /at most the number of a database/],
    [
      'redis+sentinel://one/main?password=hunter2',
      /has the option "password". Sentinels have sentinelUsername/,
    ],
    ['redis+sentinel://:hunter2%@one/main', /write "%25" for a "%"/],
    ['redis+sentinel://:hunter2@one,/main', /must name hosts.*"" is none/],
    ['redis+cluster://:hunter2@one:0', /must name hosts.*"one:0" is none/],
    ['redis+cluster://one:70000', /must name hosts/],
    ['redis+cluster://one:7000/1', /only one database/],
    ['redis+cluster://one:7000?a=b', /no "\?" after the hosts/],
    ['redis+cluster://', /must name hosts/],
    ['redis://one:1,two:2', /must be a URL beginning with redis:\/\//],
    ['sentinel://hunter2@one/main', /must be a URL beginning with redis:\/\//],
  ])('refuses %s', (url, problem) => {
    expect(() => readRedisAddress(url)).toThrow(problem);
    expect(() => readRedisAddress(url)).toThrow(/^(?!.*hunter2)/);
  });
});

describe('readNatMap', () => {
  it('reads pairs', () => {
    expect(readNatMap('10.0.0.1:6379=redis.example.com:7001, [::1]:7=[::2]:8')).toEqual({
      '10.0.0.1:6379': { host: 'redis.example.com', port: 7001 },
      '::1:7': { host: '::2', port: 8 },
    });
    expect(readNatMap('')).toEqual({});
  });

  it.each(['10.0.0.1:6379', 'a:1=b:2=c:3', 'a=b:2', 'a:1='])('refuses %s', (text) => {
    expect(() => readNatMap(text)).toThrow(/must/);
  });
});
