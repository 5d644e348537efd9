// BullMQ counts a job's wait by the clock of the worker that puts it off, and ends it by the clock of any worker that looks. When two
// clocks differ by an hour, or one is set, a wait of a second may take an hour. Redis' own clock would not help: workers ask theirs.
import type { Job, Queue } from 'bullmq';
import type { RedisClient } from './connection.ts';

/** Clocks may differ by this much; a wait may then be longer by it. */
const TOLERANCE_MS = 10_000;
const JOBS_AT_ONCE = 100;
/** BullMQ's score of a delayed job is its time in milliseconds times this, plus a number that keeps the order. */
const SCORE_PER_MS = 0x1000;

/** Ends the waits that would be longer, by the clock `nowMs`, than they were meant to be. @returns the jobs that are ready now */
export async function endLongWaits(redis: RedisClient, queue: Queue, nowMs: number): Promise<string[]> {
  const ended: string[] = [];
  for (const { jobId, dueMs } of await lastDue(redis, queue)) {
    // The others are due sooner.
    if (dueMs - nowMs <= TOLERANCE_MS) break;
    const job = await queue.getJob(jobId);
    if (job === undefined || dueMs - nowMs <= job.delay + TOLERANCE_MS) continue;
    if (await promote(job)) ended.push(jobId);
  }
  return ended;
}

/** @returns false when another worker was quicker */
async function promote(job: Job): Promise<boolean> {
  try {
    await job.promote();
    return true;
  } catch (error) {
    if (await job.isDelayed()) throw error;
    return false;
  }
}

/** Latest first. */
async function lastDue(redis: RedisClient, queue: Queue): Promise<{ jobId: string; dueMs: number }[]> {
  const found = await redis.zrevrange(queue.toKey('delayed'), 0, JOBS_AT_ONCE - 1, 'WITHSCORES');
  return Array.from({ length: found.length / 2 }, (_, at) => ({
    jobId: found[2 * at]!,
    dueMs: Number(found[2 * at + 1]) / SCORE_PER_MS,
  }));
}
