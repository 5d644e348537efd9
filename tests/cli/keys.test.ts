import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { addKeysCommands } from '../../src/cli/keys.ts';
import { AppError } from '../../src/errors.ts';
import { bearer, createApi, type TestApi } from '../support/api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createApi();
  vi.stubEnv('DATABASE_URL', api.database.url);
  vi.stubEnv('SLUICE_LOG_LEVEL', 'silent');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await api.close();
});
afterEach(() => vi.restoreAllMocks());

/** What the command prints on standard output. */
async function keys(...args: string[]): Promise<string> {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const program = new Command().exitOverride();
  addKeysCommands(program);
  for (const command of program.commands.flatMap((group) => [group, ...group.commands]))
    command.exitOverride();
  try {
    await program.parseAsync(['keys', ...args], { from: 'user' });
  } finally {
    vi.restoreAllMocks();
  }
  return printed;
}

const create = async (...args: string[]) => (await keys('create', '--name', 'ci', ...args)).trim();
const roleOf = async (key: string) =>
  (await api.app.inject({ url: '/v1/me', headers: bearer(key) })).json<{ role?: string }>().role;

describe('sluice keys create', () => {
  it('prints a key alone on standard output, and it works', async () => {
    const key = await create('--role', 'operator');
    expect(key).toMatch(/^slk_[A-Za-z0-9_-]{43}$/);
    expect(await roleOf(key)).toBe('operator');
  });

  it('limits a key to datasets and verbs', async () => {
    const key = await create('--role', 'operator', '--datasets', 'people,shops', '--verbs', 'read,import');
    const me = await api.app.inject({ url: '/v1/me', headers: bearer(key) });
    expect(me.json()).toMatchObject({ scope: { datasets: ['people', 'shops'], verbs: ['read', 'import'] } });
    await expect(create('--role', 'viewer', '--verbs', 'fly')).rejects.toThrow(
      'Verbs are read, import, write.',
    );
  });

  it('gives a second key to the user with the address, and never another role', async () => {
    const args = ['--email', 'ci@example.com', '--role', 'viewer'];
    const [one, other] = [await create(...args), await create(...args)];
    expect([await roleOf(one), await roleOf(other)]).toEqual(['viewer', 'viewer']);
    await expect(create('--email', 'CI@example.com', '--role', 'admin')).rejects.toThrow(
      /has the role viewer/,
    );
  });

  it('refuses a role and a time it does not know', async () => {
    await expect(create('--role', 'king')).rejects.toThrow(/viewer, operator, admin/);
    await expect(create('--role', 'viewer', '--expires', 'soon')).rejects.toThrow(/90d/);
  });
});

describe('sluice keys list and revoke', () => {
  it('shows every key without its text, and revokes one by its prefix', async () => {
    const key = await create('--role', 'viewer', '--expires', '90d');
    const line = async () =>
      (await keys('list')).split('\n').find((each) => each.startsWith(key.slice(0, 12)));
    expect(await line()).toMatch(/ci +\S+@localhost +viewer +valid until \d{4}-\d\d-\d\d +never/);
    expect(await keys('list')).not.toContain(key);
    const documents = (await keys('list', '--json'))
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each) as object);
    expect(documents).toContainEqual(expect.objectContaining({ prefix: key.slice(0, 12), revokedAt: null }));
    expect(await keys('revoke', key.slice(0, 12))).toContain('Revoked');
    expect(await line()).toMatch(/revoked \d{4}/);
    expect(await roleOf(key)).toBeUndefined();
  });

  it('revokes nothing when several keys could be meant, or none', async () => {
    await expect(keys('revoke', 'slk_')).rejects.toThrow(/keys begin with/);
    await expect(keys('revoke', 'nothing')).rejects.toThrow(AppError);
  });
});
