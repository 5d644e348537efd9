const MAX_UTF8_BYTES_PER_UNIT = 3;

/** Whether a cell has more bytes of UTF-8. */
export function isTooLong(cell: string, maxBytes: number): boolean {
  return cell.length * MAX_UTF8_BYTES_PER_UNIT > maxBytes && Buffer.byteLength(cell) > maxBytes;
}
