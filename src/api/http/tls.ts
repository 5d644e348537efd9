// TLS of the API itself: its certificate and key come from files, and what a renewal puts in their place is taken up without a restart.
import { X509Certificate } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Server } from 'node:tls';
import { createSecureContext } from 'node:tls';
import type { Config } from '../../config/config.ts';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';

export type TlsFiles = Pick<Config, 'tlsCert' | 'tlsKey'>;

export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** cert-manager swaps a link and can tell nobody, so the files are looked at. */
const LOOK_MS = 10_000;

/**
 * Undefined: plain HTTP.
 * @throws AppError CONFIG_INVALID when one of the two is missing, cannot be read, or does not belong to the other
 */
export function readCertificate({ tlsCert, tlsKey }: TlsFiles): Certificate | undefined {
  if (tlsCert === '' && tlsKey === '') return undefined;
  if (tlsKey === '') throw invalid('SLUICE_TLS_KEY', 'must be set together with SLUICE_TLS_CERT');
  if (tlsCert === '') throw invalid('SLUICE_TLS_CERT', 'must be set together with SLUICE_TLS_KEY');
  const cert = read('SLUICE_TLS_CERT', tlsCert);
  const key = read('SLUICE_TLS_KEY', tlsKey);
  check('SLUICE_TLS_CERT', `names the file ${tlsCert}, which is no certificate in PEM form`, { cert });
  check(
    'SLUICE_TLS_KEY',
    `names the file ${tlsKey}, which is not the unencrypted key, in PEM form, of the certificate in SLUICE_TLS_CERT`,
    { cert, key },
  );
  return { cert, key };
}

/** Uses new files from the next connection on; with wrong ones it goes on with those that it has. @returns ends it */
export function followCertificate(server: Server, files: TlsFiles, logger: Logger): () => void {
  const take = (): void => {
    try {
      const certificate = readCertificate(files)!;
      server.setSecureContext(certificate);
      logger.info({ until: validUntil(certificate) }, 'the TLS certificate was read again');
    } catch (error) {
      logger.error({ err: error }, 'the new TLS certificate cannot be used; the old one stays');
    }
  };
  const paths = [files.tlsCert, files.tlsKey];
  // One listener for both, told of both.
  for (const path of paths) watchFile(path, { interval: LOOK_MS, persistent: false }, take);
  return () => {
    for (const path of paths) unwatchFile(path, take);
  };
}

export function validUntil({ cert }: Certificate): string {
  return new X509Certificate(cert).validTo;
}

function read(variable: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw invalid(variable, `names the file ${path}, which cannot be read (${code ?? message})`, error);
  }
}

function check(variable: string, what: string, certificate: Partial<Certificate>): void {
  try {
    createSecureContext(certificate);
    new X509Certificate(certificate.cert!).toString();
  } catch (error) {
    throw invalid(variable, `${what} (${(error as Error).message})`, error);
  }
}

function invalid(variable: string, what: string, cause?: unknown): AppError {
  return new AppError('CONFIG_INVALID', `${variable} ${what}.`, { variable }, { cause });
}
