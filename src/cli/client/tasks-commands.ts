// `sluice tasks …`: arguments and options. What each does is in tasks.ts.
import type { Command } from 'commander';
import { JSON_OPTION, LIMIT_OPTION, readCount, runClient as run } from './run-client.ts';
import {
  cancelTask,
  listTasks,
  retryTask,
  runTask,
  showTask,
  type FollowOptions,
  type RunOptions,
  type TaskFilter,
} from './tasks.ts';

const TASK = ['<task>', 'its id'] as const;
const WATCH = ['-w, --watch', 'wait for its end; exit 1 if it does not succeed'] as const;

export function addTasksCommands(program: Command): void {
  const tasks = program.command('tasks').description('background work of any kind');

  tasks
    .command('list')
    .description('tasks, newest first')
    .option('--name <names>', 'of these names, with commas')
    .option('-s, --status <statuses>', 'in these statuses, with commas, such as queued,running')
    .option('-Q, --queue <queues>', 'of these queues, with commas')
    .option('--tag <tag>', 'with this tag')
    .option(...LIMIT_OPTION, readCount, 20)
    .option(...JSON_OPTION)
    .action((options: TaskFilter) => run((client) => listTasks(client, options, process.stdout)));

  tasks
    .command('run')
    .description('have a task done')
    .argument('<name>', 'what it does, such as add')
    .argument('[args]', 'its arguments, a JSON object such as \'{"a": 1, "b": 2}\'')
    .option('-Q, --queue <queue>', 'which workers take it')
    .option('--priority <number>', 'the lower, the sooner')
    .option('--delay <duration>', 'it begins after this, such as 15m')
    .option('--tag <tag...>', 'words to find it by')
    .option(...WATCH)
    .option(...JSON_OPTION)
    .action((name: string, args: string | undefined, options: RunOptions) =>
      run((client) => runTask(client, name, args, options, process.stdout)),
    );

  tasks
    .command('show')
    .description('how a task stands, with its result or error')
    .argument(...TASK)
    .option(...WATCH)
    .option(...JSON_OPTION)
    .action((id: string, options: FollowOptions) =>
      run((client) => showTask(client, id, options, process.stdout)),
    );

  tasks
    .command('cancel')
    .description('stop a task that has not ended')
    .argument(...TASK)
    .option(...JSON_OPTION)
    .action((id: string, options: { json?: boolean }) =>
      run((client) => cancelTask(client, id, options, process.stdout)),
    );

  tasks
    .command('retry')
    .description('do an ended task again, as a new one')
    .argument(...TASK)
    .option('--args <json>', 'with these arguments in the place of those it had')
    .option(...WATCH)
    .option(...JSON_OPTION)
    .action((id: string, options: FollowOptions & { args?: string }) =>
      run((client) => retryTask(client, id, options, process.stdout)),
    );
}
