// What shows people how readings of a file differ: its first record may be the same in all of them.
import type { Sample } from './sample.ts';

/** For each reading, the cells of the first record that the readings do not share; where they share all, of the first record. */
export function differingRecords(
  readings: readonly Pick<Sample, 'records' | 'first'>[],
): (readonly string[])[] {
  const place = firstDifference(readings);
  return readings.map(({ records, first }) => {
    // A reading in which no sound record begins there has one that goes on, or a later one.
    const record =
      records.find(({ at }) => at === place) ??
      records.findLast(({ at }) => at < place) ??
      records.find(({ at }) => at > place);
    return record?.cells() ?? first;
  });
}

/** Where it begins; 0 when there is none. */
function firstDifference(readings: readonly Pick<Sample, 'records'>[]): number {
  const all = readings.map(({ records }) => new Map(records.map(({ at, cells }) => [at, cells])));
  const places = [...new Set(all.flatMap((records) => [...records.keys()]))].sort((a, b) => a - b);
  const found = places.find(
    (at) => new Set(all.map((records) => JSON.stringify(records.get(at)?.()))).size > 1,
  );
  return found ?? 0;
}
