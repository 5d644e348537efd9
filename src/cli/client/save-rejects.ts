// `sluice rejects IMPORT [-o FILE]`: the rejected records, to mend and send again; a workbook when the file is called .xlsx.
import { randomUUID } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { pipeline } from 'node:stream/promises';
import { EXIT } from '../exit-codes.ts';
import { commandName, say } from '../print.ts';
import { ClientError, type ApiClient } from './client.ts';
import { importPath } from './import-json.ts';

export interface RejectsOptions {
  /** Standard output when left out. */
  readonly output?: string;
  readonly force?: boolean;
  readonly raw?: boolean;
}

export async function saveRejects(
  client: ApiClient,
  id: string,
  { output, force = false, raw = false }: RejectsOptions,
  out: NodeJS.WriteStream,
): Promise<number> {
  // It may hold an hour of corrections.
  if (output !== undefined && !force && existsSync(output))
    throw new ClientError(`${output} is there already. Give another name with -o, or --force to replace it.`);
  const isWorkbook = output !== undefined && /\.xlsx$/i.test(output);
  const file = isWorkbook ? '/rejects.xlsx' : `/rejects.csv${raw ? '?raw=true' : ''}`;
  const answer = await client.request(importPath(id, file));
  const rejects = Readable.fromWeb(answer.body as ReadableStream<Uint8Array>);
  if (output === undefined) {
    await pipeline(rejects, out, { end: false });
    return EXIT.done;
  }
  await saveWhole(rejects, output);
  say(
    process.stderr,
    `The rejects are in ${output}. Mend them, keep the column _row, and send them again: ${commandName()} retry ${id} ${output}`,
  );
  return EXIT.done;
}

/** The name appears when all is there. */
async function saveWhole(source: Readable, path: string): Promise<void> {
  const part = `${path}.${randomUUID()}.part`;
  try {
    // The records are of people: for the eyes of whoever asked for them.
    await pipeline(source, createWriteStream(part, { mode: 0o600 }));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw new ClientError(`${path} could not be written: ${(error as Error).message}.`, { cause: error });
  }
}
