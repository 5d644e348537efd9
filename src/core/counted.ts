/** A number and its noun: `1 record`, `2 records`, `0 entries`. `many` is for nouns that take more than an s. */
export function counted(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}
