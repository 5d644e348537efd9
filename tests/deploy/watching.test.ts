// The alert rules and the dashboard: what promtool says of the rules, and whether all queries ask for what /metrics really gives.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../../src/embedded/ports.ts';
import { debianProgram } from '../support/debian-program.ts';
import { REPOSITORY } from '../support/processes.ts';
import { openReceiver, type Receiver } from '../support/receiver.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { ended, enqueue } from '../support/tasks.ts';
import { waitFor } from '../support/wait-for.ts';

const RULES = join(REPOSITORY, 'deploy/prometheus');

interface Query {
  readonly of: string;
  readonly expr: string;
}

function alerts(): Query[] {
  const { groups } = parse(readFileSync(join(RULES, 'alerts.yaml'), 'utf8')) as {
    groups: { rules: { alert: string; expr: string }[] }[];
  };
  return groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => ({ of: alert, expr })));
}

function panels(): Query[] {
  const { panels: all } = JSON.parse(
    readFileSync(join(REPOSITORY, 'deploy/grafana/sluice.json'), 'utf8'),
  ) as {
    panels: { title: string; targets: { expr: string; legendFormat: string }[] }[];
  };
  return all.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({ of: title, expr: expr.replaceAll('$__rate_interval', '5m') })),
  );
}

/** What a query asks for: series with the labels, and values of labels, that it names. */
interface Asked {
  readonly metric: string;
  readonly labels: Record<string, string | undefined>;
}

/** @throws when it is no PromQL */
function askedBy({ of, expr }: Query): { readonly series: Asked[]; readonly grouped: string[] } {
  const series: Asked[] = [];
  const grouped: string[] = [];
  const text = (node: { from: number; to: number }): string => expr.slice(node.from, node.to);
  parser.parse(expr).iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`${of}: no PromQL at "${expr.slice(node.from)}"`);
      if (node.name === 'VectorSelector') {
        const labels: Asked['labels'] = {};
        for (const [matcher] of text(node).matchAll(/\w+\s*(?:=~|!~|!=|=)\s*"[^"]*"/g)) {
          const [, name = '', operator, value] = /^(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"$/.exec(matcher)!;
          labels[name] = operator === '=' ? value : undefined;
        }
        series.push({ metric: /^\w+/.exec(text(node))![0], labels });
      }
      if (node.name === 'GroupingLabels') grouped.push(...(text(node).match(/\w+/g) ?? []));
    },
  });
  return { series, grouped };
}

/** Added by Prometheus. */
const OF_SCRAPE = ['instance', 'job'];

let sluice: Sluice;
let receiver: Receiver;
let samples: { readonly name: string; readonly labels: Map<string, string> }[];

beforeAll(async () => {
  // A file of any size is stored, and its chunk is read in a slot.
  sluice = await startSluice({
    env: { SLUICE_SMALL_FILE_BYTES: '0', SLUICE_WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' },
  });
  receiver = await openReceiver();
  const port = await freePort();
  await sluice.startWorker({ SLUICE_WORKER_HEALTH_PORT: String(port) });
  const hook = await sluice.fetch('/v1/webhooks', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url: receiver.url, events: ['task.succeeded'] }),
  });
  expect(hook.status).toBe(201);
  await ended(sluice.database.pool, await enqueue(sluice.database.pool, 'add', { a: 1, b: 2 }));
  const file = readFileSync(join(REPOSITORY, 'examples/customers.csv'), 'utf8');
  const { id } = (await (await sluice.send('customers', file)).json()) as { id: string };
  await ended(sluice.database.pool, id);
  const text = await waitFor(
    async () => {
      const metrics = await (await sluice.fetch('/metrics')).text();
      const ofWorker = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return metrics.includes('sluice_task_wait_seconds_bucket{') &&
        /sluice_webhook_attempt_duration_seconds_count\{outcome="received"\} 1/.test(ofWorker)
        ? `${metrics}\n${ofWorker}`
        : undefined;
    },
    { what: 'the ended task in /metrics, and the delivery in those of the worker', timeoutMs: 60_000 },
  );
  samples = [...text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)].map(([, name = '', list = '']) => ({
    name,
    labels: new Map(
      [...list.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]),
    ),
  }));
});
afterAll(async () => {
  await sluice?.stop();
  await receiver?.close();
});

const promtool = async (...args: string[]): Promise<string> => {
  const { path, env } = await debianProgram('prometheus', 'usr/bin/promtool');
  return execFileSync(path, args, { env, cwd: RULES, encoding: 'utf8', stdio: 'pipe' });
};

describe('the alert rules', () => {
  it('are such as Prometheus takes', async () => {
    expect(await promtool('check', 'rules', 'alerts.yaml')).toContain(`${alerts().length} rules found`);
  });

  it('fire when they should, and only then', async () => {
    expect(await promtool('test', 'rules', 'alerts.test.yaml')).toContain('SUCCESS');
  });
});

it.each([...alerts(), ...panels()])(
  '$of asks for series, labels and values that an API and a worker give',
  (query) => {
    const { series, grouped } = askedBy(query);
    expect(series.length).toBeGreaterThan(0);
    for (const { metric, labels } of series) {
      const its = samples.filter(({ name }) => name === metric);
      expect(its.length, metric).toBeGreaterThan(0);
      for (const label of [...Object.keys(labels), ...grouped].filter((name) => !OF_SCRAPE.includes(name)))
        expect(
          its.some((each) => each.labels.has(label)),
          `${metric} with the label ${label}`,
        ).toBe(true);
    }
  },
);

it.each([
  ['state', 'sluice_workers', 'online'],
  ['state', 'sluice_workers', 'lost'],
  ['state', 'sluice_webhooks', 'failing'],
  ['state', 'sluice_database_connections', 'waiting'],
  ['operation', 'sluice_storage_operation_duration_seconds_count', 'write'],
  // By the API, to plan, or by a slot of the worker.
  ['operation', 'sluice_storage_operation_duration_seconds_count', 'readBytes'],
  ['outcome', 'sluice_storage_operation_duration_seconds_count', 'ok'],
])('%s of %s may be %s', (label, metric, value) => {
  expect(samples.some(({ name, labels }) => name === metric && labels.get(label) === value)).toBe(true);
});
