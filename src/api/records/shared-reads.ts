// Reads that arrive together share statements, so that many clients cost little more than one: those that Node has read in one turn of its
// loop. Each begins after its request has come.
import { selectWhole } from '../../core/records/parse-query.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import { isUnavailable } from '../../db/errors.ts';
import { findEach, findRecord, type RecordKey, type StoredRecord } from '../../db/records/read-records.ts';
import type { Connection } from '../../db/transaction.ts';

/** In one statement. */
const MOST_TOGETHER = 100;

type Found = StoredRecord | undefined;

interface Gathering {
  readonly keys: RecordKey[];
  readonly found: Promise<(at: number) => Promise<Found>>;
}

/** Finds a whole record by its key. */
export type ReadRecord = (shape: RecordShape, key: RecordKey) => Promise<Found>;

export function createRecordReader(db: Connection): ReadRecord {
  const gatherings = new WeakMap<RecordShape, Gathering>();

  function gather(shape: RecordShape): Gathering {
    const keys: RecordKey[] = [];
    const alone = (at: number): Promise<Found> => findRecord(db, shape, keys[at]!, selectWhole(shape));
    const found = endOfTurn().then(async () => {
      if (gatherings.get(shape)?.keys === keys) gatherings.delete(shape);
      if (keys.length === 1) return alone;
      try {
        const all = await findEach(db, shape, keys);
        return (at: number) => Promise.resolve(all[at]);
      } catch (error) {
        // A key that Postgres refuses is no fault of the others.
        if (isUnavailable(error)) throw error;
        return alone;
      }
    });
    return { keys, found };
  }

  return async (shape, key) => {
    let gathering = gatherings.get(shape);
    if (gathering === undefined || gathering.keys.length === MOST_TOGETHER) {
      gathering = gather(shape);
      gatherings.set(shape, gathering);
    }
    const at = gathering.keys.push(key) - 1;
    return (await gathering.found)(at);
  };
}

/** @returns what gives to all who ask for the same in one turn what the first of them has had made */
export function createShared<T>(): (what: string, make: () => Promise<T>) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (what, make) => {
    const known = made.get(what);
    if (known !== undefined) return known;
    const making = endOfTurn().then(() => {
      made.delete(what);
      return make();
    });
    made.set(what, making);
    return making;
  };
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
