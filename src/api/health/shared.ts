/** Does `work` once for all who ask while it is being done, and until `keepMs` after. */
export function shared<T>(keepMs: number, work: () => Promise<T>): () => Promise<T> {
  let last: Promise<T> | undefined;
  const forget = (): void => void (last = undefined);
  return () =>
    (last ??= work().finally(() => (keepMs === 0 ? forget() : void setTimeout(forget, keepMs).unref())));
}
