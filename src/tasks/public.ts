// What `import … from 'sluice/tasks'` gives to those who write tasks.
export { Type } from 'typebox';
export { bigInteger, dateTime } from './arg-types.ts';
export { defineTask } from './define-task.ts';
export { NonRetryable, RetryAfter, snooze, type TaskContext } from './task-context.ts';
export { chain, chord, group, task } from './canvas.ts';
