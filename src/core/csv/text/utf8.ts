// What `node:buffer` does not tell about UTF-8: how much of a character is missing, where the bytes go wrong, and a character at a place.

/** How many bytes at the end begin a character that is not complete: 0 to 3. */
export function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

/** The bytes without the character at their end that is not complete. */
export function soundBeginning(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length - incompleteTail(bytes));
}

/** Offset of the first sequence that is not UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF), or -1. */
export function firstInvalid(bytes: Buffer): number {
  for (let at = 0; at < bytes.length;) {
    const length = bytes[at]! < 0x80 ? 1 : soundLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return -1;
}

/** How many bytes the character that begins here has; 0: it is not sound, or not complete. */
export function soundLength(bytes: Buffer, at: number): number {
  const lead = bytes[at]!;
  const length = sequenceLength(lead);
  if (length < 2) return length;
  const [lowest, highest] = secondByteRange(lead);
  const second = bytes[at + 1] ?? 0;
  if (second < lowest || second > highest) return 0;
  for (let next = at + 2; next < at + length; next++) if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** Of the character that begins here; the bytes are sound. */
export function codePointAt(bytes: Buffer, at: number): number {
  const lead = bytes[at]!;
  const length = sequenceLength(lead);
  let codePoint = length === 1 ? lead : lead & (0xff >> (length + 1));
  for (let next = at + 1; next < at + length; next++) codePoint = (codePoint << 6) | (bytes[next]! & 0x3f);
  return codePoint;
}

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

function secondByteRange(lead: number): readonly [number, number] {
  switch (lead) {
    case 0xe0:
      return [0xa0, 0xbf];
    case 0xed:
      return [0x80, 0x9f];
    case 0xf0:
      return [0x90, 0xbf];
    case 0xf4:
      return [0x80, 0x8f];
    default:
      return [0x80, 0xbf];
  }
}
