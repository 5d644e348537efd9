import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig, requireConnections } from '../../src/config/config.ts';
import { REPOSITORY } from '../support/processes.ts';
import { temporaryFolder } from '../support/temp-folder.ts';

describe('readConfig', () => {
  it('has a default for everything, and takes an empty variable as not set', () => {
    expect(readConfig({ PORT: '', SLUICE_ADMIN_KEY: '' })).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      chunkBytes: 4 * 1024 * 1024,
      adminKey: undefined,
    });
  });

  it.each([
    ['PORT', 'http', 'PORT must be a whole number from 0 to 65535, not "http".'],
    ['PORT', '70000', 'PORT must be a whole number from 0 to 65535, not "70000".'],
    [
      'DATABASE_URL',
      'localhost:5432',
      'DATABASE_URL must be a URL beginning with postgres:// or postgresql://.',
    ],
    [
      'REDIS_URL',
      'http://localhost',
      'REDIS_URL must be a URL beginning with redis://, rediss://, redis+sentinel://, rediss+sentinel://, redis+cluster:// or rediss+cluster://.',
    ],
    [
      'REDIS_URL',
      'redis+sentinel://one,two',
      'REDIS_URL must name the master after the Sentinels, as in redis+sentinel://host1:26379,host2:26379/mymaster.',
    ],
    [
      'REDIS_NAT_MAP',
      '10.0.0.1:6379',
      'REDIS_NAT_MAP must be pairs as in "10.0.0.1:6379=redis.example.com:7001"',
    ],
    [
      'REDIS_TLS_CA',
      '/no/such.pem',
      'REDIS_TLS_CA names the file /no/such.pem, which cannot be read (ENOENT).',
    ],
    ['REDIS_TLS_CA', 'package.json', 'which has no "-----BEGIN CERTIFICATE-----".'],
    ['SLUICE_ADMIN_KEY', 'short', 'SLUICE_ADMIN_KEY must have 32 characters or more; it has 5.'],
    [
      'SLUICE_QUEUES',
      'imports,My Mail',
      'SLUICE_QUEUES must list names of queues (up to 64 of a-z, 0-9, "_", "." and "-") with commas between them; "My Mail" is none.',
    ],
    [
      'SLUICE_LOG_LEVEL',
      'loud',
      'SLUICE_LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, not "loud".',
    ],
    [
      'SLUICE_TRUST_PROXY',
      '10.0.0.0/33',
      'SLUICE_TRUST_PROXY must be true, a number of proxies, or a list of addresses and ranges as in "10.0.0.0/8, loopback", not "10.0.0.0/33".',
    ],
    [
      'SLUICE_BASE_PATH',
      'sluice',
      'SLUICE_BASE_PATH must be a path such as "/sluice", of letters, digits and ._~-, not "sluice".',
    ],
    [
      'SLUICE_BASE_PATH',
      '/a/../b',
      'SLUICE_BASE_PATH must be a path such as "/sluice", of letters, digits and ._~-, not "/a/../b".',
    ],
    [
      'SLUICE_BASE_PATH',
      '/v1/sluice',
      'SLUICE_BASE_PATH must not begin with "/v1", which is an address of Sluice itself.',
    ],
    ['SLUICE_METRICS_KEY', 'short', 'SLUICE_METRICS_KEY must have 16 characters or more; it has 5.'],
    [
      'SLUICE_MAX_CELL_BYTES',
      '200000000',
      'SLUICE_MAX_CELL_BYTES must not be larger than SLUICE_MAX_RECORD_BYTES.',
    ],
    ['SLUICE_URL', 'localhost:3000', 'SLUICE_URL must be a URL beginning with http:// or https://.'],
  ])('refuses %s=%s with a sentence that names it', (name, value, message) => {
    expect(() => readConfig({ [name]: value })).toThrow(message);
  });

  it('never repeats a secret in its message', () => {
    expect(() => readConfig({ DATABASE_URL: 'mysql://root:hunter2@db' })).toThrow(
      /^(?!.*hunter2).*postgres:/,
    );
  });

  it.each([
    ['', false],
    ['true', true],
    ['2', 2],
    ['10.0.0.0/8, loopback,::1', '10.0.0.0/8,loopback,::1'],
  ])('reads SLUICE_TRUST_PROXY=%s', (text, trustProxy) => {
    expect(readConfig({ SLUICE_TRUST_PROXY: text })).toMatchObject({ trustProxy });
  });

  it('refuses TLS settings that would have no effect', () => {
    const pem = join(temporaryFolder(), 'ca.pem');
    writeFileSync(pem, '-----BEGIN CERTIFICATE-----\n');
    expect(() => readConfig({ REDIS_URL: 'redis://db', REDIS_TLS_CA: pem })).toThrow(
      'REDIS_TLS_CA is set, but REDIS_URL is without TLS. Begin it with "rediss" instead of "redis"',
    );
    expect(() => readConfig({ REDIS_URL: 'rediss://db', REDIS_TLS_CERT: pem })).toThrow(
      'REDIS_TLS_CERT and REDIS_TLS_KEY belong together',
    );
    expect(readConfig({ REDIS_URL: 'rediss+cluster://a,b', REDIS_TLS_CA: pem })).toMatchObject({
      redisTlsCa: '-----BEGIN CERTIFICATE-----\n',
    });
  });

  it.each([
    ['redis://db', 'sluice', 'sluice'],
    ['redis+sentinel://db/main', 'sluice', 'sluice'],
    ['redis+cluster://a:1,b:2', 'sluice', '{sluice}'],
    ['rediss+cluster://a:1,b:2', 'of{our}s', 'of{our}s'],
  ])('keeps the keys of %s with the prefix %s together as %s', (url, prefix, queuePrefix) => {
    expect(readConfig({ REDIS_URL: url, SLUICE_QUEUE_PREFIX: prefix })).toMatchObject({ queuePrefix });
  });

  it('says which connection is missing', () => {
    expect(() => requireConnections(readConfig({ DATABASE_URL: 'postgres://x' }))).toThrow(
      /^REDIS_URL is not set/,
    );
  });
});

describe('SLUICE_CORS_ORIGINS', () => {
  it('is a list of origins, or any', () => {
    expect(readConfig({}).corsOrigins).toEqual([]);
    const two = 'https://app.example.com, http://localhost:5173';
    expect(readConfig({ SLUICE_CORS_ORIGINS: two }).corsOrigins).toEqual([
      'https://app.example.com',
      'http://localhost:5173',
    ]);
    expect(readConfig({ SLUICE_CORS_ORIGINS: '*' }).corsOrigins).toEqual(['*']);
  });

  it.each([
    'app.example.com',
    'https://app.example.com/',
    'https://app.example.com:443',
    '*.example.com',
    'null',
  ])('is not %s', (origin) =>
    expect(() => readConfig({ SLUICE_CORS_ORIGINS: origin })).toThrow(/SLUICE_CORS_ORIGINS must be origins/),
  );
});

it.each([
  ['.env.example and the README list every setting', 'config-docs'],
  ['the README and docs/upload-options.md list every upload option', 'option-docs'],
])('%s as it is', (_what, script) => {
  execFileSync(process.execPath, [`scripts/${script}.mjs`, '--check'], { cwd: REPOSITORY });
});

describe('a variable that is no setting', () => {
  it.each([
    ['SLUICE_CONCURENCY', 'There is no setting SLUICE_CONCURENCY. Did you mean SLUICE_CONCURRENCY?'],
    ['SLUICE_PORT', 'There is no setting SLUICE_PORT. Did you mean PORT?'],
    ['SLUICE_DATABASE_URL', 'There is no setting SLUICE_DATABASE_URL. Did you mean DATABASE_URL?'],
    [
      'SLUICE_ADMIN_KEY_FIEL',
      'There is no setting SLUICE_ADMIN_KEY_FIEL. Did you mean SLUICE_ADMIN_KEY_FILE?',
    ],
    ['SLUICE_HOME_FILE', 'There is no setting SLUICE_HOME_FILE.'],
    ['SLUICE_XYZ', 'There is no setting SLUICE_XYZ. The README lists all settings; unset it.'],
  ])('%s is refused, with the one that was meant', (name, message) => {
    expect(() => readConfig({ [name]: '3000' })).toThrow(message);
  });

  it('is let pass when Kubernetes has set it for a service called sluice, or a script of this repository', () => {
    const env = {
      SLUICE_SERVICE_HOST: '10.0.0.1',
      SLUICE_SERVICE_PORT: '3000',
      SLUICE_SERVICE_PORT_HTTP: '3000',
      SLUICE_PORT: 'tcp://10.0.0.1:3000',
      SLUICE_PORT_3000_TCP: 'tcp://10.0.0.1:3000',
      SLUICE_PORT_3000_TCP_PROTO: 'tcp',
      SLUICE_PORT_3000_TCP_PORT: '3000',
      SLUICE_PORT_3000_TCP_ADDR: '10.0.0.1',
      SLUICE_API_PORT: 'tcp://10.0.0.2:3000',
      SLUICE_TEST_SEED: '7',
    };
    expect(readConfig(env).port).toBe(3000);
  });
});

describe('a secret in a file', () => {
  const secretFile = (content: string): string => {
    const path = join(temporaryFolder(), 'secret');
    writeFileSync(path, content);
    return path;
  };

  it('is read without the line end at its end', () => {
    const key = 'k'.repeat(40);
    expect(
      readConfig({
        DATABASE_URL_FILE: secretFile('postgres://db\n'),
        REDIS_URL_FILE: secretFile('redis://redis\r\n'),
        SLUICE_ADMIN_KEY_FILE: secretFile(key),
        SLUICE_API_KEY_FILE: secretFile(key),
        SLUICE_API_KEY: ' ',
      }),
    ).toMatchObject({ databaseUrl: 'postgres://db', redisUrl: 'redis://redis', adminKey: key, apiKey: key });
  });

  it('is checked as the secret itself, which no message repeats', () => {
    expect(() => readConfig({ DATABASE_URL_FILE: secretFile('mysql://root:hunter2@db') })).toThrow(
      /^DATABASE_URL must(?!.*hunter2)/,
    );
  });

  it('is refused when it cannot be read, is empty, or comes beside the secret', () => {
    const there = secretFile('redis://x\n');
    expect(() => readConfig({ REDIS_URL_FILE: there, REDIS_URL: 'redis://y' })).toThrow(
      'REDIS_URL_FILE and REDIS_URL are both set. Unset one.',
    );
    expect(() => readConfig({ REDIS_URL_FILE: '/no/such/file' })).toThrow(
      'REDIS_URL_FILE names the file /no/such/file, which cannot be read (ENOENT).',
    );
    const empty = secretFile('\n');
    expect(() => readConfig({ REDIS_URL_FILE: empty })).toThrow(
      `REDIS_URL_FILE names the file ${empty}, which is empty.`,
    );
  });
});
