// The task in the body of a request for a schedule, checked as that of POST /v1/tasks.
import type { FastifyRequest } from 'fastify';
import { refuse, taskItems, type AskedTask } from '../tasks/check-tasks.ts';
import type { ReadDefinitions } from '../tasks/definitions.ts';
import { exactBody } from '../tasks/exact-body.ts';

/** @param task as the body has been read. @returns it with its big integers. @throws AppError TASK_UNKNOWN, TASK_INVALID */
export async function exactTask(
  request: FastifyRequest,
  task: AskedTask,
  readDefinitions: ReadDefinitions,
): Promise<AskedTask> {
  refuse(taskItems(task, '/task', await readDefinitions([task.name])));
  return (exactBody(request) as { task: AskedTask }).task;
}
