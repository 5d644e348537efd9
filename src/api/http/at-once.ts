/** Counts what is under way at once in this process, in all and by key; 0 sets no limit. */
export class AtOnce {
  readonly #limits: { readonly total: number; readonly perKey: number };
  readonly #byKey = new Map<string, number>();
  #total = 0;

  constructor(limits: { readonly total: number; readonly perKey: number }) {
    this.#limits = limits;
  }

  /** @returns what to call at the end, as often as one likes; or which limit is reached */
  enter(keyId: string): (() => void) | 'total' | 'key' {
    const { total, perKey } = this.#limits;
    const ofKey = this.#byKey.get(keyId) ?? 0;
    if (total > 0 && this.#total >= total) return 'total';
    if (perKey > 0 && ofKey >= perKey) return 'key';
    this.#total++;
    this.#byKey.set(keyId, ofKey + 1);
    let isOver = false;
    return () => {
      if (!isOver) this.#leave(keyId);
      isOver = true;
    };
  }

  #leave(keyId: string): void {
    this.#total--;
    const left = this.#byKey.get(keyId)! - 1;
    if (left === 0) this.#byKey.delete(keyId);
    else this.#byKey.set(keyId, left);
  }
}
