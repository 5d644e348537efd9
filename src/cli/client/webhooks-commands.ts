// `sluice webhooks …`: arguments and options. What each does is in webhooks.ts.
import { Option, type Command } from 'commander';
import { DELIVERY_STATUSES } from '../../core/webhooks/delivery.ts';
import type { ListOptions } from './print-list.ts';
import { JSON_OPTION, LIMIT_OPTION, readCount, runClient as run } from './run-client.ts';
import {
  createWebhook,
  deleteWebhook,
  enableWebhook,
  listDeliveries,
  listWebhooks,
  redeliver,
  rotateSecret,
  testWebhook,
  type DeliveriesOptions,
  type NewWebhookOptions,
} from './webhooks.ts';

const WEBHOOK = ['<webhook>', 'its id'] as const;

export function addWebhooksCommands(program: Command): void {
  const webhooks = program
    .command('webhooks')
    .description('addresses that are told of what happens to imports and tasks');

  webhooks
    .command('list')
    .description('all webhooks, newest first')
    .option(...LIMIT_OPTION, readCount, 100)
    .option(...JSON_OPTION)
    .action((options: ListOptions) => run((client) => listWebhooks(client, options, process.stdout)));

  webhooks
    .command('create')
    .description('make a webhook; its secret is shown only now')
    .argument('<url>', 'where deliveries are sent')
    .option(
      '-e, --events <events>',
      'what it is told of, with commas between them',
      'import.succeeded,import.failed,import.cancelled',
    )
    .option('--datasets <names>', 'of imports, only those of these datasets, with commas between them')
    .option('--tasks <names>', 'of other tasks, only those with these names, with commas between them')
    .option('--description <text>', 'what it is for')
    .option(...JSON_OPTION)
    .action((url: string, options: NewWebhookOptions) =>
      run((client) => createWebhook(client, url, options, process.stdout)),
    );

  webhooks
    .command('test')
    .description('send a test event, and say what comes of it')
    .argument(...WEBHOOK)
    .action((id: string) => run((client) => testWebhook(client, id, process.stdout)));

  webhooks
    .command('deliveries')
    .description('what it was told, newest first')
    .argument(...WEBHOOK)
    .addOption(new Option('--status <status>', 'only those that stand so').choices([...DELIVERY_STATUSES]))
    .option(...LIMIT_OPTION, readCount, 20)
    .option(...JSON_OPTION)
    .action((id: string, options: DeliveriesOptions) =>
      run((client) => listDeliveries(client, id, options, process.stdout)),
    );

  const again = webhooks
    .command('redeliver')
    .description('send a delivery again, or all that have failed since a time')
    .argument(...WEBHOOK)
    .argument('[delivery]', 'its id')
    .option('--since <time>', 'such as 2026-01-31T09:00:00Z')
    .action((id: string, delivery: string | undefined, options: { since?: string }) => {
      if ((delivery === undefined) === (options.since === undefined))
        again.error('error: give a delivery, or --since for all that have failed since then');
      return run((client) => redeliver(client, id, delivery, options, process.stdout));
    });

  webhooks
    .command('rotate-secret')
    .description('give it another secret; it is shown only now')
    .argument(...WEBHOOK)
    .option('--previous-for <seconds>', 'how long the one before is good too (default: a day)', (text) =>
      Number(text),
    )
    .option(...JSON_OPTION)
    .action((id: string, options: { previousFor?: number; json?: boolean }) =>
      run((client) => rotateSecret(client, id, options, process.stdout)),
    );

  for (const [verb, enabled, does] of [
    ['disable', false, 'tell it nothing new; what waits goes on waiting'],
    ['enable', true, 'have it go on'],
  ] as const)
    webhooks
      .command(verb)
      .description(does)
      .argument(...WEBHOOK)
      .action((id: string) => run((client) => enableWebhook(client, id, enabled, process.stdout)));

  webhooks
    .command('delete')
    .description('delete a webhook, with its deliveries')
    .argument(...WEBHOOK)
    .action((id: string) => run((client) => deleteWebhook(client, id, process.stdout)));
}
