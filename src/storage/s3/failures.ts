// What S3 says when it cannot do something, as Sluice says it: each kind with what to do.
import { AppError } from '../../errors.ts';
import type { StorageKey } from '../storage.ts';

interface S3Failure extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly code?: string;
}

/** Names that S3 and those who speak like it give to failures (Amazon S3, "Error responses"; MinIO's and Ceph's for a full disk). */
const NO_KEY = ['NoSuchKey'];
const FULL = ['QuotaExceeded', 'XMinioStorageFull', 'InsufficientStorage', 'InsufficientCapacity'];
const BUSY = [
  'SlowDown',
  'ServiceUnavailable',
  'Throttling',
  'RequestLimitExceeded',
  'TooManyRequestsException',
];
const NO_CREDENTIALS = ['CredentialsProviderError'];
const WRONG_KEY = [
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'TokenRefreshRequired',
];
const WRONG_REGION = [
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
];
const NETWORK =
  /^(ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ERR_STREAM_PREMATURE_CLOSE|ERR_SSL\w*|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED\w+|UNABLE_TO_\w+)$/;

/** Each ends the sentence "The storage is not available: …". */
const REASONS = {
  bucket: 'its bucket does not exist. The operator has to make the bucket, or to mend SLUICE_STORAGE_URL',
  credentials:
    'no credentials for S3 were found. The operator has to set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role',
  key: 'S3 does not take our credentials. The operator has to renew them, and to check that they are for this S3',
  denied:
    'S3 denies access. The operator has to let these credentials get, put, delete and list in the bucket (docs/storage.md has the policy)',
  clock:
    'the clock of this machine differs too much from that of S3. The operator has to set the clock (NTP)',
  region: 'the bucket is in another region. The operator has to mend SLUICE_S3_REGION or SLUICE_S3_ENDPOINT',
  busy: 'S3 asks to slow down. It is asked again after a while',
  broken: 'S3 answers with an error of its own. It is asked again after a while',
  silent: 'S3 did not answer in time. It is asked again after a while',
  ended:
    'S3 says that the upload in parts has ended: its last answer was lost, or somebody has ended it. The file has to be sent again',
  away: 'S3 cannot be reached. It is tried again after a while; the operator may check SLUICE_S3_ENDPOINT and the network',
} as const;

/** What a failure of S3 is to the rest of Sluice; a bug, or what a caller has thrown, stays what it is. */
export function told(error: unknown, key: StorageKey): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  const failure = error as S3Failure;
  if (NO_KEY.includes(failure.name))
    return new AppError(
      'FILE_GONE',
      `The file ${key} is no longer in the storage.`,
      {},
      {
        cause: withoutResponse(failure),
      },
    );
  if (FULL.includes(failure.name) || statusOf(failure) === 507)
    return new AppError(
      'STORAGE_FULL',
      'The storage has no room for the file. Make room, or send the file later.',
      {},
      { cause: withoutResponse(failure) },
    );
  const reason = reasonOf(failure);
  if (reason === undefined) return failure.$metadata === undefined ? error : withoutResponse(failure);
  return new AppError(
    'STORAGE_UNAVAILABLE',
    `The storage is not available: ${REASONS[reason]} (${nameOf(failure)}).`,
    { reason },
    { cause: withoutResponse(failure) },
  );
}

/** Those that pass by themselves. */
const PASSING: readonly unknown[] = ['busy', 'broken', 'silent', 'ended', 'away'];

/** True when nothing but the line, or S3 itself, has failed: what is missing may be asked for again. */
export function isCut(error: unknown): boolean {
  return error instanceof Error && PASSING.includes(reasonOf(error));
}

/** Whether a STORAGE_UNAVAILABLE passes by itself, or takes the operator. */
export function passesByItself({ params }: AppError): boolean {
  return PASSING.includes(params['reason']);
}

function reasonOf(failure: S3Failure): keyof typeof REASONS | undefined {
  const { name, code = '' } = failure;
  const status = statusOf(failure);
  if (name === 'NoSuchBucket') return 'bucket';
  if (name === 'NoSuchUpload') return 'ended';
  if (NO_CREDENTIALS.includes(name)) return 'credentials';
  if (WRONG_KEY.includes(name)) return 'key';
  if (name === 'RequestTimeTooSkewed') return 'clock';
  if (WRONG_REGION.includes(name) || status === 301) return 'region';
  if (name === 'AccessDenied' || status === 403 || status === 401) return 'denied';
  if (BUSY.includes(name) || status === 429 || status === 503) return 'busy';
  if (status !== undefined && status >= 500) return 'broken';
  if (name === 'TimeoutError' || code === 'ETIMEDOUT' || name === 'RequestTimeout') return 'silent';
  return NETWORK.test(code) || /\baborted\b|socket hang up/.test(failure.message) ? 'away' : undefined;
}

/** The SDK hangs the whole answer on its errors, with the request and its signature: nothing for a log. */
function withoutResponse(failure: S3Failure): Error {
  const { name, message, stack, code, $metadata } = failure;
  const { httpStatusCode: status, requestId } = $metadata ?? {};
  return Object.assign(new Error(message), { name, stack, code, status, requestId });
}

function statusOf({ $metadata }: S3Failure): number | undefined {
  return $metadata?.httpStatusCode;
}

/** For whoever looks it up; no address is in it. */
function nameOf(failure: S3Failure): string {
  return failure.code ?? (failure.name === 'Error' ? 'no connection' : failure.name);
}
