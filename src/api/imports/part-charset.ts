// The charset that a form says of its file, and what is odd about the heads of its parts. @fastify/multipart gives the media type of a part
// without its parameters, and says nothing of a part that it passes over, so the heads are looked for in the bytes of the form.
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
    const file = this.#heads().find((head) => /^content-disposition:[^\r\n]*;\s*filename\*?=/im.test(head));
    return /^content-type:\s*([^\r\n]*)/im.exec(file ?? '')?.[1];
  }

  /** Why a part was passed over, as a sentence; undefined: its head does not show it. */
  oddity(): string | undefined {
    for (const head of this.#heads()) {
      if (/^[ \t]+\r\n/.test(head))
        return 'Blanks stand behind a boundary of the form. Send the boundary with nothing but a line end behind it.';
      const said = /^content-disposition:[ \t]*([^\s;]+)/im.exec(head)?.[1];
      if (said !== undefined && said.toLowerCase() !== 'form-data')
        return `A part of the form has "Content-Disposition: ${said.slice(0, 40)}". Send form-data in its place (RFC 7578): Content-Disposition: form-data; name="file"; filename="data.csv".`;
    }
    return undefined;
  }

  /** Of the parts so far, from behind their boundary on. */
  #heads(): string[] {
    if (this.#bytes > this.#maxBytes) return [];
    return `\r\n${Buffer.concat(this.#pieces).toString('latin1')}`
      .split(`\r\n--${boundaryOf(this.#request)}`)
      .slice(1)
      .map((part) => part.slice(0, part.indexOf('\r\n\r\n') + 2));
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
