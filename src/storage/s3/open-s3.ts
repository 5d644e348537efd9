// The one file that is loaded when the settings name a bucket; all that speaks to S3 is behind it.
import { createHash } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { StorageSettings } from '../open-storage.ts';
import type { Storage } from '../storage.ts';
import { createS3Storage, type S3Limits } from './s3.ts';

const DEFAULT_REGION = 'us-east-1';
const MOST_PARTS = 10_000;
/** How much more bytes a text may have in UTF-8 than its file: three for each two of UTF-16. */
const MOST_GROWTH = 1.5;
const CONNECT_TIMEOUT_MS = 5000;
/** Of one request, the first included. */
const ATTEMPTS = 3;
/** Requests of one process, or thread, at the same time. */
const SOCKETS = 64;

/** @param limits for tests: where S3 takes no whole copy any more */
export function openS3Storage(settings: StorageSettings, limits: Partial<S3Limits> = {}): Storage {
  const { bucket, prefix } = placeOf(settings.storageUrl);
  const reached = clientAt(settings.s3Endpoint, settings);
  const { s3PublicEndpoint, s3PartBytes, s3PartsAtOnce, s3LinkSeconds, maxUploadBytes } = settings;
  return createS3Storage({
    bucket,
    prefix,
    client: reached,
    linking: s3PublicEndpoint === '' ? reached : clientAt(s3PublicEndpoint, settings),
    partBytes: Math.max(s3PartBytes, Math.ceil((maxUploadBytes * MOST_GROWTH) / MOST_PARTS)),
    partsAtOnce: s3PartsAtOnce,
    linkSeconds: s3LinkSeconds,
    ...limits,
  });
}

/** @param storageUrl `s3://bucket/prefix`, as the settings have checked it */
function placeOf(storageUrl: string): { bucket: string; prefix: string } {
  const [bucket = '', ...path] = storageUrl.slice('s3://'.length).split('/').filter(Boolean);
  return { bucket, prefix: path.map((part) => `${part}/`).join('') };
}

function clientAt(endpoint: string, { s3Region, s3PathStyle, s3TimeoutMs }: StorageSettings): S3Client {
  const client = new S3Client({
    ...(endpoint === '' ? {} : { endpoint }),
    region: s3Region || process.env['AWS_REGION'] || DEFAULT_REGION,
    forcePathStyle: s3PathStyle === 'true',
    maxAttempts: ATTEMPTS,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECT_TIMEOUT_MS,
      // Without a byte, in either direction: a large part on a slow line is no reason to give up.
      socketTimeout: s3TimeoutMs,
      httpAgent: { keepAlive: true, maxSockets: SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: SOCKETS },
    }),
  });
  sendMd5OfLists(client);
  return client;
}

/** To remove many objects at once, some servers (Swift, older ones of others) want the MD5 of the list. The SDK sends another checksum. */
function sendMd5OfLists(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => (args) => {
      const request = args.request as { readonly headers: Record<string, string>; readonly body: unknown };
      if (context['commandName'] === 'DeleteObjectsCommand' && typeof request.body === 'string')
        request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64');
      return next(args);
    },
    { step: 'build', name: 'md5OfLists', priority: 'low' },
  );
}
