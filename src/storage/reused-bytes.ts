/**
 * Room for bytes of a file that is the same memory each time: what was read into it before is gone. Buffers lie outside V8's heap,
 * where garbage hardly counts, so that a fresh one for each piece of a large file would leave many about.
 */
export function createReusedBytes(): (length: number) => Buffer {
  let held = Buffer.alloc(0);
  return (length) => {
    if (length > held.length) held = Buffer.allocUnsafeSlow(length);
    return held.subarray(0, length);
  };
}
