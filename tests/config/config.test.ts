import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig, requireConnections, SETTINGS } from '../../src/config/config.ts';
import { REPOSITORY } from '../support/processes.ts';

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
    ['REDIS_URL', 'http://localhost', 'REDIS_URL must be a URL beginning with redis:// or rediss://.'],
    ['SLUICE_ADMIN_KEY', 'short', 'SLUICE_ADMIN_KEY must have 32 characters or more; it has 5.'],
    [
      'SLUICE_QUEUES',
      'imports,mail',
      'SLUICE_QUEUES must list queues out of imports, chunks; there is no queue "mail".',
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
    ['SLUICE_METRICS_KEY', 'short', 'SLUICE_METRICS_KEY must have 16 characters or more; it has 5.'],
    [
      'SLUICE_MAX_CELL_BYTES',
      '200000000',
      'SLUICE_MAX_CELL_BYTES must not be larger than SLUICE_MAX_RECORD_BYTES.',
    ],
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

  it('says which connection is missing', () => {
    expect(() => requireConnections(readConfig({ DATABASE_URL: 'postgres://x' }))).toThrow(
      /^REDIS_URL is not set/,
    );
  });
});

it.each([
  ['.env.example and the README list every setting', 'config-docs'],
  ['the README and docs/upload-options.md list every upload option', 'option-docs'],
])('%s as it is', (_what, script) => {
  execFileSync(process.execPath, [`scripts/${script}.mjs`, '--check'], { cwd: REPOSITORY });
});

describe('docker-compose.yml and Dockerfile', () => {
  const compose = readFileSync(`${REPOSITORY}/docker-compose.yml`, 'utf8');
  const dockerfile = readFileSync(`${REPOSITORY}/Dockerfile`, 'utf8');
  const known = new Set(Object.values(SETTINGS).map((setting): string => setting.env));
  const ofTheServers = ['POSTGRES_USER', 'POSTGRES_PASSWORD', 'POSTGRES_DB', 'NODE_ENV'];

  it('set only variables that are in the table of settings', () => {
    const inCompose = [...compose.matchAll(/^\s+([A-Z][A-Z0-9_]+):/gm)].map((match) => match[1]!);
    const inDockerfile = [...dockerfile.matchAll(/^ENV (.+)$/gm)].flatMap((match) =>
      match[1]!.split(' ').map((pair) => pair.split('=')[0]!),
    );
    expect(inCompose).toContain('SLUICE_ADMIN_KEY');
    expect(inDockerfile).toContain('SLUICE_STORAGE_DIR');
    expect(
      [...inCompose, ...inDockerfile].filter((name) => !known.has(name) && !ofTheServers.includes(name)),
    ).toEqual([]);
  });

  it('run commands that exist', () => {
    const commands = [...compose.matchAll(/^    command: \[(.+)\]$/gm)]
      .map((match) => match[1]!.split(',').map((word) => word.trim().replaceAll("'", '')))
      .filter(([program]) => program !== 'postgres' && program !== 'redis-server');
    expect(commands).toEqual([['migrate'], ['datasets', 'apply'], ['api'], ['worker']]);
    for (const command of commands) {
      const help = execFileSync(process.execPath, ['dist/cli/main.js', ...command, '--help'], {
        cwd: REPOSITORY,
        encoding: 'utf8',
      });
      expect(help).toContain(`Usage: sluice ${command.join(' ')}`);
    }
    expect(dockerfile).toContain('ENTRYPOINT ["node", "dist/cli/main.js"]');
  });
});
