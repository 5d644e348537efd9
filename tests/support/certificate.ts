// Certificates of tests, signed by themselves.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianProgram } from './debian-program.ts';

export interface TestCertificate {
  /** Files. */
  readonly cert: string;
  readonly key: string;
}

/** Makes one for a host, as files of a folder. */
export async function makeCertificate(folder: string, host: string): Promise<TestCertificate> {
  const { path, env } = await debianProgram('openssl', 'usr/bin/openssl');
  const [key, cert, config] = ['sluice.key', 'sluice.pem', 'openssl.cnf'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const what = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ];
  const subject = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
  // The system's own configuration need not be there.
  await writeFile(config, '[req]\ndistinguished_name=dn\n[dn]\n');
  execFileSync(path, [...what, ...subject, '-config', config, '-keyout', key, '-out', cert], {
    env,
    stdio: 'pipe',
  });
  return { cert, key };
}
