// `sluice schedules …`: arguments and options. What each does is in schedules.ts.
import type { Command } from 'commander';
import type { ListOptions } from './print-list.ts';
import { JSON_OPTION, LIMIT_OPTION, readCount, runClient as run } from './run-client.ts';
import {
  applySchedules,
  deleteSchedule,
  enableSchedule,
  listRuns,
  listSchedules,
  previewSchedule,
  runSchedule,
  type PreviewOptions,
} from './schedules.ts';

const SCHEDULE = ['<schedule>', 'its name, or its id'] as const;

export function addSchedulesCommands(program: Command): void {
  const schedules = program.command('schedules').description('rules by which the clock makes tasks');

  schedules
    .command('list')
    .description('all schedules, newest first')
    .option(...LIMIT_OPTION, readCount, 100)
    .option(...JSON_OPTION)
    .action((options: ListOptions) => run((client) => listSchedules(client, options, process.stdout)));

  schedules
    .command('runs')
    .description('the tasks that a schedule has made, newest first')
    .argument(...SCHEDULE)
    .option(...LIMIT_OPTION, readCount, 20)
    .option(...JSON_OPTION)
    .action((name: string, options: ListOptions) =>
      run((client) => listRuns(client, name, options, process.stdout)),
    );

  schedules
    .command('apply')
    .description('make or replace schedules as files say; what is the same stays as it is')
    .argument('<file...>', 'JSON: the body of POST /v1/schedules, or a list of them')
    .action((files: string[]) => run((client) => applySchedules(client, files, process.stdout)));

  schedules
    .command('preview')
    .description('when a schedule would run')
    .option('--cron <expression>', 'such as "30 2 * * *"')
    .option('--every <pause>', 'such as 15m')
    .option(
      '--time-zone <zone>',
      'whose clocks the expression speaks of, such as Europe/Berlin (default: UTC)',
    )
    .option(...LIMIT_OPTION, readCount, 5)
    .action((options: PreviewOptions) => run((client) => previewSchedule(client, options, process.stdout)));

  schedules
    .command('run')
    .description('make its task now; when it runs next stays as it is')
    .argument(...SCHEDULE)
    .option(...JSON_OPTION)
    .action((name: string, options: { json?: boolean }) =>
      run((client) => runSchedule(client, name, options, process.stdout)),
    );

  for (const [verb, enabled, does] of [
    ['pause', false, 'let a schedule rest'],
    ['resume', true, 'let it go on with its next run'],
  ] as const)
    schedules
      .command(verb)
      .description(does)
      .argument(...SCHEDULE)
      .action((name: string) => run((client) => enableSchedule(client, name, enabled, process.stdout)));

  schedules
    .command('delete')
    .description('delete a schedule; tasks that it has made stay')
    .argument(...SCHEDULE)
    .action((name: string) => run((client) => deleteSchedule(client, name, process.stdout)));
}
