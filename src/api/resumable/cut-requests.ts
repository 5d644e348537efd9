import type { FastifyRequest } from 'fastify';

/** Whoever asks how far an upload is does not wait longer: what is written down later is sent once more. */
const MOST_MS = 10_000;

interface Taking {
  readonly request: FastifyRequest;
  readonly ended: Promise<void>;
}

/**
 * Requests whose bytes are being written down, by their upload. When a connection is cut, its last piece is on its way into the storage
 * for a moment more, and a client that asks at once would be told of fewer bytes than it need send again.
 */
export class CutRequests {
  readonly #takings = new Map<string, Set<Taking>>();

  /** @param work what takes the bytes of the request */
  async note<T>(id: string, request: FastifyRequest, work: () => Promise<T>): Promise<T> {
    const taken = work();
    const taking = {
      request,
      ended: taken.then(
        () => undefined,
        () => undefined,
      ),
    };
    const ofUpload = this.#takings.get(id) ?? new Set();
    this.#takings.set(id, ofUpload.add(taking));
    try {
      return await taken;
    } finally {
      ofUpload.delete(taking);
      if (ofUpload.size === 0) this.#takings.delete(id);
    }
  }

  /**
   * Waits until what came before its cuts is written down. Requests that go on are not waited for.
   * @returns false when there was nothing to wait for
   */
  async settle(id: string): Promise<boolean> {
    const cut = [...(this.#takings.get(id) ?? [])].filter(({ request }) => request.raw.destroyed);
    if (cut.length === 0) return false;
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, MOST_MS)));
    await Promise.race([Promise.all(cut.map(({ ended }) => ended)), enough]);
    clearTimeout(timer);
    return true;
  }
}
