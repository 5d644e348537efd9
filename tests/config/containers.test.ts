// docker-compose.yml and Dockerfile, as far as they can be proven without Docker.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig, VARIABLES } from '../../src/config/config.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { findRedis } from '../../src/embedded/redis-binary.ts';
import { silent } from '../embedded/silent-log.ts';
import { REPOSITORY, spawnProcess } from '../support/processes.ts';
import { temporaryFolder } from '../support/temp-folder.ts';

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** The YAML reader that a dependency of ours brings along. */
const { parse } = createRequire(createRequire(import.meta.url).resolve('@fastify/swagger'))('yaml') as {
  parse: (text: string, options: { merge: boolean }) => unknown;
};

const compose = parse(readFileSync(join(REPOSITORY, 'docker-compose.yml'), 'utf8'), {
  merge: true,
}) as Compose;
const services = Object.entries(compose.services);
const dockerfile = readFileSync(join(REPOSITORY, 'Dockerfile'), 'utf8');

/** Runs scripts/make-secrets.sh in a folder of the test. @returns the folder with the secrets */
function makeSecrets(root = temporaryFolder()): string {
  mkdirSync(join(root, 'scripts'), { recursive: true });
  cpSync(join(REPOSITORY, 'scripts/make-secrets.sh'), join(root, 'scripts/make-secrets.sh'));
  execFileSync('sh', [join(root, 'scripts/make-secrets.sh')]);
  return join(root, 'secrets');
}

describe('docker-compose.yml and Dockerfile', () => {
  it('set only variables that are in the table of settings', () => {
    const ofTheServers = ['POSTGRES_USER', 'POSTGRES_PASSWORD_FILE', 'POSTGRES_DB', 'NODE_ENV'];
    const known = [...VARIABLES, ...ofTheServers];
    const inCompose = services.flatMap(([, { environment = {} }]) => Object.keys(environment));
    const inDockerfile = [...dockerfile.matchAll(/^ENV (.+)$/gm)].flatMap((match) =>
      match[1]!.split(' ').map((pair) => pair.split('=')[0]!),
    );
    expect(inCompose).toContain('SLUICE_ADMIN_KEY_FILE');
    expect(inDockerfile).toContain('SLUICE_STORAGE_DIR');
    expect([...inCompose, ...inDockerfile].filter((name) => !known.includes(name))).toEqual([]);
  });

  it('run commands that exist', () => {
    const commands = services.filter(([name]) => !['postgres', 'redis'].includes(name));
    expect(commands.map(([, { command }]) => command)).toEqual([
      ['migrate'],
      ['datasets', 'apply', '--leave-api'],
      ['api'],
      ['worker'],
    ]);
    for (const [, { command }] of commands) {
      const help = execFileSync(process.execPath, ['dist/cli/main.js', ...command!, '--help'], {
        cwd: REPOSITORY,
        encoding: 'utf8',
      });
      const [names, options] = [false, true].map((is) =>
        command!.filter((word) => word.startsWith('-') === is),
      );
      expect(help).toContain(`Usage: sluice ${names!.join(' ')}`);
      for (const option of options!) expect(help).toContain(`  ${option} `);
    }
    expect(dockerfile).toContain('ENTRYPOINT ["node", "dist/cli/main.js"]');
  });

  it.each(services)('%s runs with the least it needs', (_name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    // As another user than root: the image of Sluice says so itself.
    expect(service['user'] ?? /^USER (.+)$/m.exec(dockerfile)?.[1]).toMatch(/^(postgres|redis|node)$/);
  });

  it.each(['api', 'worker'])('give %s longer to end than work in flight is', (name) => {
    const [, seconds] = /^(\d+)s$/.exec(String(compose.services[name]!['stop_grace_period'])) ?? [];
    expect(Number(seconds) * 1000).toBeGreaterThanOrEqual(readConfig({}).shutdownGraceMs + 10_000);
  });

  it('name services, secrets and volumes that are there', () => {
    for (const [, { secrets = [], environment = {}, depends_on = {}, volumes = [] }] of services) {
      expect(Object.keys(compose.secrets)).toEqual(expect.arrayContaining([...secrets]));
      expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(Object.keys(depends_on)));
      const named = volumes.map((volume) => volume.split(':')[0]!).filter((name) => !name.startsWith('.'));
      expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(named));
      const files = Object.entries(environment).flatMap(([name, value]) =>
        name.endsWith('_FILE') ? [value] : [],
      );
      expect(secrets.map((secret) => `/run/secrets/${secret}`)).toEqual(expect.arrayContaining(files));
    }
  });

  it('open the API to this machine only, unless HOST says more', () => {
    expect(services.flatMap(([, { ports = [] }]) => ports)).toEqual([
      '${HOST:-127.0.0.1}:${PORT:-3000}:3000',
    ]);
  });

  it('keep secrets out of the image, of git, and of the files themselves', () => {
    for (const file of ['.dockerignore', '.gitignore'])
      expect(readFileSync(join(REPOSITORY, file), 'utf8')).toMatch(/^secrets\/?$/m);
    expect(JSON.stringify(compose)).not.toMatch(/:\/\/\w*:[^@]+@/);
  });
});

describe('scripts/make-secrets.sh', () => {
  it('makes every secret that the services ask for, in a folder that others may not enter', () => {
    const folder = makeSecrets();
    const secret = (name: string) => readFileSync(join(folder, name), 'utf8').trim();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const [name, { file }] of Object.entries(compose.secrets)) {
      expect(file).toBe(`./secrets/${name}`);
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o644);
    }
    const passwords = ['postgres_password', 'redis_password', 'admin_key'].map(secret);
    expect(new Set(passwords).size).toBe(3);
    for (const password of passwords) expect(password).toMatch(/^[0-9a-f]{64}$/);
    expect(
      readConfig({
        DATABASE_URL_FILE: join(folder, 'database_url'),
        REDIS_URL_FILE: join(folder, 'redis_url'),
        SLUICE_ADMIN_KEY_FILE: join(folder, 'admin_key'),
      }),
    ).toMatchObject({
      databaseUrl: `postgres://sluice:${passwords[0]}@postgres:5432/sluice`,
      redisUrl: `redis://:${passwords[1]}@redis:6379`,
      adminKey: passwords[2],
    });
  });

  it('leaves what is there as it is', () => {
    const folder = makeSecrets();
    const before = readFileSync(join(folder, 'database_url'), 'utf8');
    makeSecrets(dirname(folder));
    expect(readFileSync(join(folder, 'database_url'), 'utf8')).toBe(before);
  });
});

it('the Redis of docker-compose.yml asks for its password, keeps its data, and stops when it is told', async () => {
  const [shell, flag, script] = compose.services['redis']!.command!;
  const folder = temporaryFolder();
  const binary = await findRedis(join(REPOSITORY, '.sluice', 'tools'), silent);
  const port = await freePort();
  const passwordFile = join(makeSecrets(), 'redis_password');
  const here = script!
    .replaceAll('$$', '$')
    .replaceAll('/run/secrets/redis_password', `"${passwordFile}"`)
    .replace('redis-server', `"${binary.path}"`)
    .replace('--dir /data', `--dir "${folder}" --bind 127.0.0.1 --port ${port}`);
  const server = spawnProcess([shell!, flag!, here], { env: { ...binary.env } });
  await server.says(/Ready to accept connections/);
  const password = readFileSync(passwordFile, 'utf8').trim();
  const stranger = new Redis({ port, lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null });
  stranger.on('error', () => undefined);
  const friend = new Redis({ port, password, lazyConnect: true });
  onTestFinished(() => {
    stranger.disconnect();
    friend.disconnect();
  });
  await expect(stranger.get('x')).rejects.toThrow('NOAUTH');
  await friend.set('x', 'y');
  expect(await friend.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
  expect(await friend.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  friend.disconnect();
  // To the shell's own pid: it has become the server.
  server.kill('SIGTERM');
  expect((await server.exited).code).toBe(0);
});
