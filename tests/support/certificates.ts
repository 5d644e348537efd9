// Certificates of an authority of the test's own.
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

export async function makeCertificates(folder: string): Promise<Certificates> {
  const common = { keyType: 'ec', algorithm: 'sha256' } as const;
  const authority = await generate([{ name: 'commonName', value: 'Tests of Sluice' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const signed = await generate([{ name: 'commonName', value: 'redis' }], {
    ...common,
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
