// Somebody who reads the tables all the while: of a staged import they see nothing or all.
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { DatasetName } from './files.ts';

const EVERY_MS = 25;

/** One statement, so one snapshot: what stands in all tables of a dataset. */
const FINGERPRINT: Readonly<Record<DatasetName, string>> = {
  members: `SELECT concat_ws(' ', (SELECT concat_ws(' ', count(*), sum(hashtextextended(m::text, 0))) FROM members m),
                                  (SELECT concat_ws(' ', count(*), sum(hashtextextended(p::text, 0))) FROM places p)) AS seen`,
  visits: `SELECT concat_ws(' ', count(*), sum(hashtextextended(v::text, 0))) AS seen FROM visits v`,
  orders: `SELECT concat_ws(' ', (SELECT concat_ws(' ', count(*), sum(hashtextextended(o::text, 0))) FROM shop_orders o),
                                 (SELECT count(*) FROM sluice_provenance.rows_1)) AS seen`,
};

export interface Reader {
  /** Looks a last time. @returns how many states were seen that are neither the first nor the last one */
  end(): Promise<number>;
}

/** Looks once before it returns, then again and again. */
export async function startReader(pool: pg.Pool, dataset: DatasetName): Promise<Reader> {
  const look = async (): Promise<string> => {
    const { rows } = await pool.query<{ seen: string }>(FINGERPRINT[dataset]);
    return rows[0]!.seen;
  };
  const first = await look();
  const seen = new Set<string>();
  const ended = new AbortController();
  const reading = readOn();

  async function readOn(): Promise<void> {
    while (!ended.signal.aborted) {
      // Postgres is away now and then.
      const state = await look().catch(() => undefined);
      if (state !== undefined) seen.add(state);
      await delay(EVERY_MS);
    }
  }

  return {
    async end() {
      ended.abort();
      await reading;
      for (const whole of [first, await look()]) seen.delete(whole);
      return seen.size;
    },
  };
}
