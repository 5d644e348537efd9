// Files with cells of several lines, one record of each damaged: how many come out as they should, and that nothing lands which nobody
// wrote. Of 29,886 other files (seeds from 1,000,000, 7,000,000 and 8,000,000) one lands a line of text that nothing tells from a record: docs/csv.md.
import { describe, expect, it } from 'vitest';
import { POLLUTIONS, pollutedFile } from './polluted-files.ts';
import { outcomeOf } from './polluted-outcome.ts';

const FILES_OF_EACH = 120;
const CHUNK_BYTES = [1_000_000, 16, 200];

describe('polluted files', () => {
  it.each(POLLUTIONS)('%s', async (pollution) => {
    let files = 0;
    let perfect = 0;
    const silent: string[] = [];
    for (let seed = 1; seed <= FILES_OF_EACH; seed++) {
      const file = pollutedFile(seed, pollution);
      if (file.damaged.length === 0) continue;
      files++;
      const outcome = await outcomeOf(file, CHUNK_BYTES[seed % CHUNK_BYTES.length]);
      silent.push(...outcome.silent);
      if (outcome.silent.length === 0 && outcome.lost.length === 0) perfect++;
    }
    expect(files).toBeGreaterThan(FILES_OF_EACH / 2);
    expect(silent).toEqual([]);
    expect(perfect / files).toBeGreaterThanOrEqual(0.95);
  });

  it.each([
    // Prose among the lines of the broken cell.
    7008452, 1003138, 1005298,
    // Prose, and lines that are no records, above the quote that closes a cell which nothing opened.
    7006215, 1001148, 1002831, 1009757,
    // The quote where reading failed begins a line of the cell.
    7005067,
    // Only the records above the chunk show what a record is like.
    7004537, 7008232, 1011382,
  ])('no line of the damaged cell lands, wherever chunks end: seed %i', async (seed) => {
    for (const chunkBytes of CHUNK_BYTES)
      expect((await outcomeOf(pollutedFile(seed), chunkBytes)).silent, `${chunkBytes}`).toEqual([]);
  });
});
