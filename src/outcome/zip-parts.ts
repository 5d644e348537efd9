import { Readable } from 'node:stream';
import yazl from 'yazl';

/** A part of a workbook: all of it, or as it comes. */
export type ZipPart = readonly [name: string, content: string | AsyncIterable<string>];

/** Streams an archive of these parts. Whoever stops early ends the parts too. */
export function zipParts(parts: readonly ZipPart[]): Readable {
  const zip = new yazl.ZipFile();
  const output = zip.outputStream as Readable;
  zip.on('error', (error: unknown) => output.destroy(error as Error));
  for (const [name, content] of parts) {
    if (typeof content === 'string') {
      zip.addBuffer(Buffer.from(content), name);
      continue;
    }
    const source = Readable.from(content, { objectMode: false });
    // A stream that fails ends the archive where it is, and not as if it were whole.
    source.once('error', (error) => output.destroy(error));
    output.once('close', () => source.destroy());
    zip.addReadStream(source, name);
  }
  zip.end();
  return output;
}
