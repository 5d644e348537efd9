// A queue as the dashboard shows it. A job has ids only; the card says its task, or which file it is about and into which dataset.
// Paused is what Postgres says: claims look there.
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { Queue } from 'bullmq';
import { isUuid } from '../../core/uuid.ts';
import { findImportNames, type ImportName } from '../../db/imports/import-names.ts';
import type { Bell, ChunkJob } from '../../queue/queues.ts';
import { isPaused } from '../../db/queues/queues.ts';
import type { ApiDeps } from '../deps.ts';
import type { RequestUser } from '../http/fastify.ts';
import { changeQueue } from '../queues/change-queue.ts';

type AnyJob = Bell | ChunkJob;

const MOST_NAMES = 10_000;

export interface BoardDeps extends Pick<ApiDeps, 'database' | 'logger'> {
  /** The user whose request is being answered. */
  readonly asking: () => RequestUser;
}

export class BoardQueue extends BullMQAdapter {
  readonly #deps: BoardDeps;
  readonly #names = new Map<string, ImportName>();

  constructor(queue: Queue<Bell> | Queue<ChunkJob>, basePath: string, description: string, deps: BoardDeps) {
    super(queue as Queue, {
      description,
      // A job that is run again finds that its task has ended, and does nothing (see writes.ts).
      allowRetries: false,
      externalJobUrl: ({ data }) => ({
        href: `${basePath}/tasks/${taskOf(data as AnyJob)}`,
        displayText: 'Task',
      }),
    });
    this.#deps = deps;
    this.setFormatter('name', (job: { name: string; data: AnyJob }) => this.#title(job.name, job.data));
  }

  override async getJobs(...args: Parameters<BullMQAdapter['getJobs']>) {
    const jobs = await super.getJobs(...args);
    await this.#learnNames(jobs.map(({ data }) => data as AnyJob));
    return jobs;
  }

  override async isPaused(): Promise<boolean> {
    return this.#isChunks() ? super.isPaused() : isPaused(this.#deps.database.db, this.getQueueName());
  }

  override pause(): Promise<void> {
    return this.#isChunks() ? super.pause() : this.#change('pause');
  }

  override resume(): Promise<void> {
    return this.#isChunks() ? super.resume() : this.#change('resume');
  }

  /** The chunks of imports are BullMQ's own business. */
  #isChunks(): boolean {
    return this.getQueueName() === 'chunks';
  }

  #change(change: 'pause' | 'resume'): Promise<void> {
    const { database, asking } = this.#deps;
    return changeQueue(database.db, { name: this.getQueueName(), change, by: asking(), via: 'dashboard' });
  }

  override async getJob(id: string) {
    const job = await super.getJob(id);
    if (job !== undefined && job !== null) await this.#learnNames([job.data as AnyJob]);
    return job;
  }

  /** Without Postgres the cards have the names of their jobs. */
  async #learnNames(jobs: readonly AnyJob[]): Promise<void> {
    const unknown = new Set(jobs.map(taskOf).filter((id) => isUuid(id) && !this.#names.has(id)));
    if (unknown.size === 0) return;
    if (this.#names.size > MOST_NAMES) this.#names.clear();
    try {
      const names = await findImportNames(this.#deps.database.pool, [...unknown]);
      for (const [id, name] of names) this.#names.set(id, name);
    } catch (error) {
      this.#deps.logger.debug({ err: error }, 'the dashboard shows jobs without the names of their files');
    }
  }

  #title(jobName: string, data: AnyJob): string {
    const name = this.#names.get(taskOf(data));
    if (name === undefined) return jobName;
    const what = 'chunkNo' in data ? `${jobName} ${data.chunkNo}` : jobName;
    return `${what}: ${name.fileName ?? 'a file without a name'} into ${name.dataset}`;
  }
}

/** The task that a job is about: its import, or the undo. */
function taskOf(data: AnyJob): string {
  return 'taskId' in data ? data.taskId : data.importId;
}
