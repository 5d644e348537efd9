// What a round of the storm has at hand, and what it waits for.
import type { ImportPlan } from './compare.ts';
import { possibleFaults, type FaultKind } from './faults.ts';
import type { DatasetName, StormFile } from './files.ts';
import type { StormHouse } from './house.ts';
import type { Random } from './random.ts';
import type { StoredRows } from './table-model.ts';
import type { UploadWay } from './upload.ts';
import { waitFor } from '../support/wait-for.ts';

export interface Storm {
  readonly house: StormHouse;
  readonly counts: Record<FaultKind, number>;
  /** As they were found after the last round. */
  readonly tables: Record<DatasetName, StoredRows>;
}

/** When a fault strikes: while the upload is half sent, or when so much of the chunks is done (0 to 1). */
export type Moment = 'upload' | number;

export interface Fault {
  readonly kind: FaultKind;
  readonly moment: Moment;
}

export type Faults = readonly Fault[];

/** What is drawn for a round before it begins. */
export interface RoundPlan extends ImportPlan {
  readonly file: StormFile;
  readonly faults: Faults;
  /** When so much is done, the import is cancelled. */
  readonly cancel: { readonly at: number; readonly rows: 'keep' | 'rollback' } | undefined;
  /** An insert that has succeeded is taken back. */
  readonly undo: boolean;
  /** The rejects are mended and sent again. */
  readonly retry: boolean;
  readonly way: UploadWay;
}

/** What a round has at hand. */
export interface Round {
  readonly storm: Storm;
  readonly plan: RoundPlan;
  readonly story: Story;
  /** The rows when it began. */
  readonly before: StoredRows;
  readonly hit: (kind: FaultKind) => Promise<void>;
  /** Waits until what lasts of the faults so far has passed. */
  readonly calm: () => Promise<unknown>;
}

/** What happened in a round and when, in ms from its start. */
export class Story {
  private readonly startedAt = Date.now();
  private readonly parts: string[] = [];

  tell(what: string): void {
    this.parts.push(`${what} @${Date.now() - this.startedAt}`);
  }
  /** What came in answer to tries of an upload that had to be repeated. */
  tellRefusals(refusals: readonly string[]): void {
    if (refusals.length > 0)
      this.tell(`${refusals.length} tries answered ${[...new Set(refusals.map(statusOf))].join(', ')}`);
  }
  text(): string {
    return this.parts.join('; ');
  }
}

function statusOf(refusal: string): string {
  return refusal.startsWith('0 ') ? 'by nobody' : refusal.slice(0, 3);
}

/** All chunks are done, and the import has not ended: it may be being published. */
export const ALL_DONE = 0.9999;

export function drawFaults(random: Random, house: StormHouse): Faults {
  const kinds = possibleFaults(house);
  return Array.from({ length: random.pick([0, 1, 1, 2, 3]) }, () => ({
    kind: random.pick(kinds),
    moment: random.pick(['upload' as const, random.next(), random.next(), ALL_DONE]),
  }));
}

/** The fault that strikes during the upload. */
export function earlyFault(faults: Faults): Fault | undefined {
  return faults.find(({ moment }) => moment === 'upload');
}

export interface FaultDeed {
  readonly kind: FaultKind;
  readonly at: number;
}

/** The faults after the upload, in order. A second one drawn for the upload strikes right behind it. */
export function faultDeeds(faults: Faults): FaultDeed[] {
  const early = earlyFault(faults);
  return faults
    .filter((fault) => fault !== early)
    .map(({ kind, moment }) => ({ kind, at: moment === 'upload' ? 0 : moment }))
    .sort((a, b) => a.at - b.at);
}

/** Waits until so much of the chunks is done, or the import has ended. */
export async function untilDone(house: StormHouse, importId: string, share: number): Promise<void> {
  await waitFor(
    async () => {
      const { rows } = await house.pool.query<{ reached: boolean }>(
        `SELECT finished_at IS NOT NULL OR
                (SELECT count(*) FILTER (WHERE status = 'done') > $2::float8 * count(*) FROM sluice.import_chunks WHERE import_id = $1)
                AS reached FROM sluice.tasks WHERE id = $1`,
        [importId, share],
      );
      return rows[0]?.reached;
    },
    { what: `${Math.round(share * 100)} % of import ${importId}` },
  );
}

/** A twin that was late may still be at work when the import has ended: it must leave no trace either. */
export async function untilQuiet(house: StormHouse): Promise<void> {
  await waitFor(
    async () => {
      const { rows } = await house.pool.query<{ busy: string }>(
        `SELECT count(*) AS busy FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'sluice slot' AND state <> 'idle'`,
      );
      return rows[0]?.busy === '0';
    },
    { what: 'the slots to be idle' },
  );
}
