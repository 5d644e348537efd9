// Files with cells of several lines, one record of each damaged: how many come out as they should, and that nothing lands which nobody
// wrote. A few files are also what another damage makes of another file, in which the rows that landed are good: other-truth.ts.
import { describe, expect, it } from 'vitest';
import { POLLUTIONS, pollutedFile } from './polluted-files.ts';
import { hasOtherTruth } from './other-truth.ts';
import { outcomeOf } from './polluted-outcome.ts';
import { runs } from '../../support/random.ts';

const FILES_OF_EACH = runs(80);
const CHUNK_BYTES = [1_000_000, 16, 200];

describe('polluted files', () => {
  it.each([530000213, 530039015, 530039971, 530051927, 530052483])(
    'may be the same bytes as another file, in which what landed is good: seed %i',
    async (seed) => {
      const { silent, ambiguous } = await outcomeOf(pollutedFile(seed));
      expect(silent).toEqual([]);
      expect(ambiguous.length).toBeGreaterThan(0);
    },
  );

  it('are not, where the rest of the damaged record is more than a quote away from a sound one', () => {
    const file = { header: ['a', 'b', 'c'], delimiter: ',' };
    const landed = [JSON.stringify(['x', 'y', 'z'])];
    expect(hasOtherTruth({ ...file, damaged: ['1,"p\nx,y,z\n'] }, landed)).toBe(false);
    expect(hasOtherTruth({ ...file, damaged: ['1,2,"q\nx,y,z\n'] }, landed)).toBe(true);
    expect(hasOtherTruth({ ...file, damaged: ['1,2,"q\nx,y,z\n'] }, [...landed, ...landed])).toBe(false);
    expect(hasOtherTruth({ ...file, damaged: ['1,2,"q\nx,y\n'] }, landed)).toBe(false);
    expect(hasOtherTruth({ ...file, damaged: ['1,2,"q\nx,y,w\n'] }, landed)).toBe(false);
  });

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

  it('a line inside of a sound cell is not taken for the beginning of a torn record below odd quotes', async () => {
    const good = [
      ['a', 'a\nb', '5" a', 'a'],
      ['a', 'a', 'a 5"', 'a'],
    ];
    const text = 'id,name,note,city\r\na,"a\nb",5" a,a\r\na,a,a 5",a\r\n';
    const header = ['id', 'name', 'note', 'city'];
    const file = { pollution: 'line cut', text, header, delimiter: ',', good, damaged: [] } as const;
    for (const chunkBytes of CHUNK_BYTES) expect((await outcomeOf(file, chunkBytes)).silent).toEqual([]);
  });

  it.each([
    // Prose among the lines of the broken cell.
    7008452, 1003138, 1005298,
    // Prose, and lines that are no records, above the quote that closes a cell which nothing opened.
    7006215, 1001148, 1002831, 1009757,
    // The quote where reading failed begins a line of the cell.
    7005067,
    // The last line of the broken cell, with the cells behind it, has the header's width.
    7003475, 30005990, 30007506, 30019474, 30037884, 41020847, 41037151,
    // It begins with a quote that nobody doubled.
    41016133,
    // No column shows what a record is, and lines of the text are as wide as one.
    20003719, 20005961, 30002686, 30002743, 30003286, 30025891, 30031353, 30037351, 30040388, 30041269,
    30045276, 30049417,
    // What few records have in common is no sign where no line above has it.
    77007266,
    // All cells of the file have quotes, and most need them.
    30041114,
    // The quote was added at the end of a line, so the record reads as one without the rest of its cell.
    120010685,
    // Two records are joined, and the second one's cell goes on below.
    120059641,
    // In a file of CRLF, the line above ends with LF.
    120056074,
    // Prose behind the quote of a line further down.
    530041584,
    // The quote opens the last cell, and the one before it is closed: none of its lines begins a record.
    530049476,
    // In a file of CRLF, a cell of many lines that end with LF.
    570046582,
    // The quote was added at the end of a line, and a line below it has too few cells to begin a record that the stray quote closes.
    20291036,
    // A line of the header's width stands right below the first one, and may be the last one of its cell.
    411285831,
    // The quote that was added begins a line of a file that quotes all cells.
    511295588,
    // Of lines below the first one most have the header's width, and nothing else shows what a record is.
    411281857,
    // Only the records above the chunk show what a record is like.
    7004537, 7008232, 1011382,
  ])('no line of the damaged cell lands, wherever chunks end: seed %i', async (seed) => {
    for (const chunkBytes of CHUNK_BYTES)
      expect((await outcomeOf(pollutedFile(seed), chunkBytes)).silent, `${chunkBytes}`).toEqual([]);
  });

  it.each([
    // The next record is numbered on, from the broken one or from the one that was joined to it.
    20284453, 20270997,
    // So is the one that has a stray quote, and none of the records above it is a part of it.
    20278995, 20273777, 20269018,
    // A line of the torn record has a cell with quotes around it, so its torn cell begins there or below.
    20264961, 20284818, 20291338, 20292233,
    // The quotes are even where text follows one, and the next quote would close nothing.
    20288746, 20289977, 20290032,
    // Of few records below, most have a number where one with quotes has a text.
    301261186, 301271221,
  ])('no good record is lost beside the damaged one: seed %i', async (seed) => {
    expect(await outcomeOf(pollutedFile(seed))).toMatchObject({ lost: [], silent: [] });
  });

  it.each<[string, string, string[]]>([
    ['below a cut first cell', '"late red\nSol,Ann\nEarth,\n"a, b",c\n', ['["Earth",""]', '["a, b","c"]']],
    ['above a torn cell', 'Ann,red\nSol,to you\npipe"\nd,e\nf,g\n', ['["d","e"]', '["f","g"]']],
    [
      'beside a quote too many or too few',
      'x,y\n"red\nSol""\n"forty, late",Ann\nd,e\nf,g\n',
      ['["x","y"]', '["d","e"]', '["f","g"]'],
    ],
  ])('what may be text of a cell does not land: %s', async (_name, records, landed) => {
    const file = { text: `name,note\n${records}`, header: ['name', 'note'], delimiter: ',' } as const;
    const outcome = await outcomeOf({ ...file, pollution: 'line cut', good: [], damaged: [] });
    expect(outcome.landed).toEqual(landed);
  });
});
