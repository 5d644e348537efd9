import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { S3Place } from './s3.ts';

export interface ListedObject {
  /** With the prefix of the storage. */
  readonly key: string;
  readonly bytes: number;
  readonly changedAt: Date;
}

/** All objects whose keys begin with `prefix`, by key. */
export async function* listObjects(
  { client, bucket }: Pick<S3Place, 'client' | 'bucket'>,
  prefix: string,
): AsyncGenerator<ListedObject> {
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
    );
    for (const { Key, Size, LastModified } of page.Contents ?? [])
      yield { key: Key!, bytes: Size ?? 0, changedAt: LastModified ?? new Date(0) };
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}
