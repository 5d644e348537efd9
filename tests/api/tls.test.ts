// TLS of the API itself, with certificates that are made here.
import { X509Certificate } from 'node:crypto';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificate, type TestCertificate } from '../support/certificates.ts';
import { spawnSluice } from '../support/processes.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { folderForFile } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';

let folder: string;
let used: TestCertificate;
let next: TestCertificate;
let sluice: Sluice;

beforeAll(async () => {
  folder = folderForFile();
  for (const name of ['used', 'next']) await mkdir(join(folder, name));
  used = await makeCertificate(join(folder, 'used'), 'localhost');
  next = await makeCertificate(join(folder, 'next'), 'localhost');
  sluice = await startSluice({ env: { SLUICE_TLS_CERT: used.cert, SLUICE_TLS_KEY: used.key } });
});
afterAll(() => sluice?.stop());

const serialOf = async (pem: string) => new X509Certificate(await readFile(pem)).serialNumber;

function servedSerial(): Promise<string> {
  const { hostname, port } = new URL(sluice.url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()!.serialNumber);
      socket.destroy();
    }).on('error', reject);
  });
}

it('the `sluice` command reaches an API over TLS whose certificate it is told to trust, and no other', async () => {
  expect(sluice.url).toMatch(/^https:/);
  const url = `https://localhost:${new URL(sluice.url).port}`;
  const env = { SLUICE_URL: url, SLUICE_API_KEY: sluice.key, SLUICE_HOME: folder };
  const trusting = spawnSluice(['list'], { env: { ...env, NODE_EXTRA_CA_CERTS: used.cert } });
  expect(await trusting.exited, trusting.output()).toMatchObject({ code: 0 });
  const other = spawnSluice(['list'], { env });
  expect((await other.exited).code).not.toBe(0);
  expect(other.output()).toMatch(/self.signed|SELF_SIGNED|certificate/i);
});

it.each([
  [{ SLUICE_TLS_KEY: '' }, /SLUICE_TLS_KEY must be set together with SLUICE_TLS_CERT/],
  [
    { SLUICE_TLS_CERT: '/no/such.pem' },
    /SLUICE_TLS_CERT names the file \/no\/such\.pem, which cannot be read \(ENOENT\)/,
  ],
  [
    { SLUICE_TLS_CERT: 'package.json' },
    /SLUICE_TLS_CERT names the file .*, which is no certificate in PEM form/,
  ],
])('%o is refused with a sentence', async (wrong, sentence) => {
  const api = spawnSluice(['api'], { env: { ...sluice.env, ...wrong } });
  expect((await api.exited).code).toBe(1);
  expect(api.output()).toMatch(sentence);
});

it('`sluice up` refuses it with a sentence', async () => {
  const up = spawnSluice(['up'], { env: { SLUICE_TLS_CERT: used.cert, SLUICE_TLS_KEY: used.key } });
  expect((await up.exited).code).toBe(1);
  expect(up.output()).toContain('SLUICE_TLS_CERT and SLUICE_TLS_KEY are for "sluice api".');
});

it('a key of another certificate is refused with a sentence', async () => {
  const api = spawnSluice(['api'], { env: { ...sluice.env, SLUICE_TLS_KEY: next.key } });
  expect((await api.exited).code).toBe(1);
  expect(api.output()).toMatch(/SLUICE_TLS_KEY names the file .*, which is not the unencrypted key/);
});

it('a renewed certificate is taken up without a restart', async () => {
  expect(await servedSerial()).toBe(await serialOf(used.cert));
  const renewed = await serialOf(next.cert);
  await copyFile(next.key, used.key);
  await copyFile(next.cert, used.cert);
  await waitFor(async () => (await servedSerial()) === renewed || undefined, {
    what: 'the renewed certificate',
    timeoutMs: 40_000,
  });
  sluice.api.kill('SIGTERM');
  expect(await sluice.api.exited).toMatchObject({ code: 0 });
});
