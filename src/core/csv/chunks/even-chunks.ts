/** So many chunks are as good for two slots as for four. */
const SLOTS = 4;

/**
 * The size for chunks of one size, and as many for each slot: else the last may be a small one, or the only one left, and a slot has nothing
 * to do while another has a whole one.
 * @param bytes of all records together
 * @param most of a chunk
 */
export function evenChunkBytes(bytes: number, most: number): number {
  if (bytes <= most) return most;
  const least = Math.ceil(bytes / most);
  return Math.ceil(bytes / (least === 2 ? least : Math.ceil(least / SLOTS) * SLOTS));
}
