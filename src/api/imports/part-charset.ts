// The charset and the name that a form says of its file, and what is odd about the heads of its parts. @fastify/multipart gives the media
// type of a part without its parameters, a file's name as it is written, and says nothing of a part that it passes over, so the heads are
// looked for in the bytes of the form.
import type { IncomingMessage } from 'node:http';
import { boundaryOf } from './form-boundaries.ts';

/** What a name cannot hold as it is. */
const ESCAPED = /%(?:22|0D|0A)/gi;

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
    return /^content-type:\s*([^\r\n]*)/im.exec(this.#fileHead() ?? '')?.[1];
  }

  /**
   * The file's name, once its part has begun: browsers, fetch and curl write a quote and line ends in it as `%22`, `%0D` and `%0A`, and
   * nothing else so (multipart/form-data of WHATWG). A name of the other form, `filename*=`, is decoded already.
   */
  fileName(parsed: string): string {
    if (!parsed.includes('%')) return parsed;
    const isDecoded = /^content-disposition:[^\r\n]*;\s*filename\*=/im.test(this.#fileHead() ?? '');
    return isDecoded ? parsed : parsed.replaceAll(ESCAPED, decodeURIComponent);
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

  #fileHead(): string | undefined {
    return this.#heads().find((head) => /^content-disposition:[^\r\n]*;\s*filename\*?=/im.test(head));
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
