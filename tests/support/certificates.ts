// Certificates: of an authority of the test's own, or signed by themselves.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Certificates {
  /** Of the authority. */
  readonly ca: string;
  /** For 127.0.0.1, as a server and as a client. */
  readonly cert: string;
  readonly key: string;
  /** The same as files. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

const COMMON = { keyType: 'ec', algorithm: 'sha256' } as const;

export async function makeCertificates(folder: string): Promise<Certificates> {
  const authority = await generate([{ name: 'commonName', value: 'Tests of Sluice' }], {
    ...COMMON,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const signed = await generate([{ name: 'commonName', value: 'redis' }], {
    ...COMMON,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  const [caFile, certFile, keyFile] = [
    join(folder, 'ca.pem'),
    join(folder, 'cert.pem'),
    join(folder, 'key.pem'),
  ];
  writeFileSync(caFile, authority.cert);
  writeFileSync(certFile, signed.cert);
  writeFileSync(keyFile, signed.private);
  return { ca: authority.cert, cert: signed.cert, key: signed.private, caFile, certFile, keyFile };
}

export interface TestCertificate {
  /** Files. */
  readonly cert: string;
  readonly key: string;
}

/** One for a host that whoever trusts it needs no authority for, as files of a folder. */
export async function makeCertificate(folder: string, host: string): Promise<TestCertificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: host }], {
    ...COMMON,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: host }] },
    ],
  });
  const files = { cert: join(folder, 'sluice.pem'), key: join(folder, 'sluice.key') };
  // Programs take both in one file, too: each ends with a line end.
  writeFileSync(files.cert, `${cert.trim()}\n`);
  writeFileSync(files.key, `${key.trim()}\n`);
  return files;
}
