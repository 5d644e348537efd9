// The charset that a form says of its file. @fastify/multipart gives the media type of a part without its parameters, so the head of
// the file's part is looked for in the bytes of the form.
import type { IncomingMessage } from 'node:http';
import { boundaryOf } from './form-boundaries.ts';

export class FormHead {
  readonly #request: IncomingMessage;
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #bytes = 0;

  /** Looks on from here: make it before the form is read. @param maxBytes the most that is kept; of a longer form nothing is found */
  constructor(request: IncomingMessage, maxBytes: number) {
    this.#request = request;
    this.#maxBytes = maxBytes;
    request.on('data', this.#keep);
  }

  /** The Content-Type of the part of the file, once that has begun; undefined when it has none. */
  fileType(): string | undefined {
    if (this.#bytes > this.#maxBytes) return undefined;
    const delimiter = `--${boundaryOf(this.#request)}\r\n`;
    const heads = Buffer.concat(this.#pieces)
      .toString('latin1')
      .split(delimiter)
      .slice(1)
      .map((part) => part.slice(0, part.indexOf('\r\n\r\n') + 2));
    const file = heads.find((head) => /^content-disposition:[^\r\n]*;\s*filename\*?=/im.test(head));
    return /^content-type:\s*([^\r\n]*)/im.exec(file ?? '')?.[1];
  }

  /** Must be called in the end: what follows is not kept. */
  close(): void {
    this.#request.off('data', this.#keep);
    this.#pieces = [];
  }

  readonly #keep = (piece: Buffer): void => {
    this.#bytes += piece.length;
    if (this.#bytes <= this.#maxBytes) this.#pieces.push(piece);
    else this.#pieces = [];
  };
}
