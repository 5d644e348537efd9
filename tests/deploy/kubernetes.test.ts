// The manifests of deploy/kubernetes: what Kubernetes, KEDA and the Prometheus operator would say of them, and whether they fit Sluice.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication';
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { parse, parseAllDocuments } from 'yaml';
import { readConfig, VARIABLES } from '../../src/config/config.ts';
import { refuseUnknownVariables } from '../../src/config/unknown-variables.ts';
import { bearer, createApi, type TestApi } from '../support/api.ts';
import { REPOSITORY } from '../support/processes.ts';

const FOLDER = join(REPOSITORY, 'deploy', 'kubernetes');
const KUSTOMIZATION = 'kustomization.yaml';

const MODELS: Readonly<Record<string, new (data: never) => { validate(): void }>> = {
  'v1 ConfigMap': ConfigMap,
  'v1 Service': Service,
  'v1 ServiceAccount': ServiceAccount,
  'apps/v1 Deployment': Deployment,
  'autoscaling/v2 HorizontalPodAutoscaler': HorizontalPodAutoscaler,
  'batch/v1 Job': Job,
  'keda.sh/v1alpha1 ScaledObject': ScaledObject,
  'keda.sh/v1alpha1 TriggerAuthentication': TriggerAuthentication,
  'monitoring.coreos.com/v1 PodMonitor': PodMonitor,
  'monitoring.coreos.com/v1 ServiceMonitor': ServiceMonitor,
  'networking.k8s.io/v1 NetworkPolicy': NetworkPolicy,
  'policy/v1 PodDisruptionBudget': PodDisruptionBudget,
};

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // oxlint-disable-next-line typescript/no-explicit-any -- of each kind another shape
  readonly spec: any;
  readonly data?: Readonly<Record<string, string>>;
}

interface Kustomization {
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly literals: readonly string[] }[];
}

const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.yaml'),
);
const kustomizations = files.filter((name) => name.endsWith(KUSTOMIZATION));
const manifests = files
  .filter((name) => !name.endsWith(KUSTOMIZATION))
  .flatMap((name) =>
    parseAllDocuments(read(name)).map((document) => [name, document.toJS() as Manifest] as const),
  );

function read(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

const kustomization = (name: string): Kustomization => parse(read(name)) as Kustomization;

function manifest(kind: string, name: string): Manifest {
  const found = manifests.find(([, each]) => each.kind === kind && each.metadata.name === name);
  if (found === undefined) throw new Error(`There is no ${kind} ${name}`);
  return found[1];
}

/** What is wrong with a manifest; of members that its kind does not have, their places. */
function problems(document: Manifest): string[] {
  const Model = MODELS[`${document.apiVersion} ${document.kind}`];
  if (Model === undefined) return [`nobody knows ${document.apiVersion} ${document.kind}`];
  // The schemas let unknown members pass, but read only those that they know.
  const unread = new Set<string>();
  try {
    // It copies what it is made from, member by member.
    Object.assign(new Model(document as never), watch(document, '', unread)).validate();
  } catch (error) {
    return [String(error)];
  }
  return [...unread].map((place) => `${place} is not known`);
}

function watch(value: unknown, place: string, unread: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    copy[key] = watch(member, `${place}/${key}`, unread);
    if (!Array.isArray(value)) unread.add(`${place}/${key}`);
  }
  const target = Array.isArray(value) ? Object.values(copy) : copy;
  return new Proxy(target, {
    get(of, key) {
      unread.delete(`${place}/${String(key)}`);
      return Reflect.get(of, key) as unknown;
    },
  });
}

describe('each manifest', () => {
  it.each(manifests.map(([name, each]) => [`${name}: ${each.kind} ${each.metadata.name}`, each] as const))(
    '%s is valid',
    (_name, each) => {
      expect(problems(each)).toEqual([]);
    },
  );

  it('that is not valid, or has a member that is misspelt, is found', () => {
    const api = structuredClone(manifest('Deployment', 'sluice-api'));
    api.spec.template.spec.containers[0].imagee = 'x';
    expect(problems(api)).toEqual(['/spec/template/spec/containers/0/imagee is not known']);
    api.spec.template.spec.containers[0].ports[0].containerPort = 'http';
    expect(problems(api).join()).toContain('containerPort');
  });

  it('is in one kustomization, and those name nothing else', () => {
    const named = kustomizations.flatMap((name) =>
      [...(kustomization(name).resources ?? []), ...(kustomization(name).components ?? [])].map((each) => {
        const path = relative(FOLDER, join(FOLDER, dirname(name), each));
        return path.endsWith('.yaml') ? path : join(path, KUSTOMIZATION);
      }),
    );
    const entry = join('example', KUSTOMIZATION);
    expect(named.toSorted()).toEqual(files.filter((name) => name !== entry).toSorted());
  });
});

describe('the pods', () => {
  const pods = manifests.flatMap(([, { kind, metadata, spec }]) =>
    kind === 'Deployment' || kind === 'Job' ? [[metadata.name, spec.template.spec] as const] : [],
  );

  // What the Pod Security Standard "restricted" asks for, and a root that cannot be written.
  it.each(pods)('%s run without rights, on a root that cannot be written', (_name, pod) => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const each of ['hostNetwork', 'hostPID', 'hostIPC']) expect(pod).not.toHaveProperty(each);
    for (const volume of pod.volumes)
      expect(Object.keys(volume).every((kind) => ['name', 'secret', 'emptyDir'].includes(kind))).toBe(true);
    for (const container of pod.containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      for (const { hostPort } of container.ports ?? []) expect(hostPort).toBeUndefined();
    }
  });

  it.each(pods)('%s get of the secret what they read, and no more', (_name, pod) => {
    const { data } = { data: kustomization(join('base', KUSTOMIZATION)).configMapGenerator![0]!.literals };
    const ofEnv = (pod.containers[0].env ?? []).map(
      ({ name, value }: { name: string; value?: string }) => `${name}=${value}`,
    );
    const read = [...data, ...ofEnv].flatMap(
      (each: string) => /_FILE=\/run\/secrets\/sluice\/(\w+)$/.exec(each)?.[1] ?? [],
    );
    const { secret } = pod.volumes.find(({ name }: { name: string }) => name === 'secrets');
    expect(secret.items.map(({ key }: { key: string }) => key)).toEqual(read);
    // For the user it runs as, by the group of the pod; for nobody else.
    expect(secret.defaultMode).toBe(0o440);
    expect(pod.securityContext.fsGroup).toBe(pod.securityContext.runAsGroup);
  });

  /** With more than it may have, a pod is killed, and with it whatever it was at. */
  describe('may have as much memory as their settings let them use', () => {
    const limitMb = (name: string): number =>
      inMb(manifest('Deployment', name).spec.template.spec.containers[0].resources.limits.memory);
    const settingsOf = (name: string) => {
      const env = manifest('Deployment', name).spec.template.spec.containers[0].env as {
        name: string;
        value?: string;
      }[];
      return readConfig(
        Object.fromEntries(
          env.filter((each) => !each.name.endsWith('_FILE')).map((each) => [each.name, each.value]),
        ),
      );
    };
    const inMb = (text: string): number => {
      const [, value, unit] = /^(\d+)(Mi|Gi)$/.exec(text)!;
      return Number(value) * (unit === 'Gi' ? 1024 : 1);
    };

    it('of an API: itself, and uploads on their way to S3', () => {
      const { uploadsAtOnce, s3PartBytes, s3PartsAtOnce } = settingsOf('sluice-api');
      const uploadsMb = (uploadsAtOnce * s3PartBytes * (s3PartsAtOnce + 2)) / 1024 ** 2;
      expect(uploadsMb).toBeGreaterThan(0);
      expect(limitMb('sluice-api')).toBeGreaterThanOrEqual(300 + uploadsMb);
    });

    it('of a worker: itself, and each slot', () => {
      const { slots, slotMemoryMb } = settingsOf('sluice-worker');
      expect(limitMb('sluice-worker')).toBeGreaterThanOrEqual(300 + slots * slotMemoryMb);
    });
  });

  it('have settings that Sluice knows, and can be read', () => {
    const literals = kustomizations.flatMap((name) =>
      (kustomization(name).configMapGenerator ?? []).flatMap((each) => each.literals),
    );
    const env: Record<string, string> = {};
    for (const literal of literals) {
      const [name = '', value = ''] = literal.split(/=(.*)/s);
      env[name] = value;
    }
    for (const [, pod] of pods)
      for (const { name, value = 'pod-1' } of pod.containers[0].env ?? []) env[name] = value;
    refuseUnknownVariables(env, VARIABLES);
    const plain = Object.entries(env).filter(([name]) => !name.endsWith('_FILE'));
    expect(readConfig(Object.fromEntries(plain))).toMatchObject({ host: '0.0.0.0', workerName: 'pod-1' });
  });

  it('are given longer to end than work in flight is', () => {
    const { shutdownGraceMs } = readConfig({});
    for (const name of ['sluice-api', 'sluice-worker']) {
      const { terminationGracePeriodSeconds } = manifest('Deployment', name).spec.template.spec;
      expect(terminationGracePeriodSeconds * 1000).toBeGreaterThanOrEqual(shutdownGraceMs + 10_000);
    }
  });

  const specsOf = (...kinds: string[]) =>
    manifests.filter(([, { kind }]) => kinds.includes(kind)).map(([, { spec }]) => spec);
  const podsOf = (labels: Record<string, string>) =>
    specsOf('Deployment').find(
      ({ template }) =>
        template.metadata.labels['app.kubernetes.io/component'] === labels['app.kubernetes.io/component'],
    );

  it.each(specsOf('Deployment', 'PodDisruptionBudget'))('are found by their selectors', ({ selector }) => {
    expect(podsOf(selector.matchLabels)).toBeDefined();
  });

  it.each(specsOf('Service'))('are found by the service, at a port that they have', ({ selector, ports }) => {
    expect(podsOf(selector).template.spec.containers[0].ports[0].name).toBe(ports[0].targetPort);
  });

  it.each(specsOf('ScaledObject', 'HorizontalPodAutoscaler'))('are found by their scalers', (spec) => {
    expect(manifest('Deployment', spec.scaleTargetRef.name)).toBeDefined();
  });
});

/** Labels and components are of kustomize 5, which kubectl has from 1.27 on. */
function kubectlRenders(): boolean {
  try {
    const said = execFileSync('kubectl', ['version', '--client', '--output=json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { kustomizeVersion } = JSON.parse(said) as { kustomizeVersion?: string };
    return Number(/^v(\d+)/.exec(kustomizeVersion ?? '')?.[1] ?? 0) >= 5;
  } catch {
    return false;
  }
}

describe.skipIf(!kubectlRenders()).each(['base', 'example'])(
  '%s, as kubectl kustomize renders it (skipped without a kubectl of 1.27 or newer)',
  (folder) => {
    let rendered: Manifest[];
    beforeAll(() => {
      const text = execFileSync('kubectl', ['kustomize', join(FOLDER, folder)], { encoding: 'utf8' });
      rendered = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
    });
    const all = (kind: string) => rendered.filter((each) => each.kind === kind);
    const templates = () => [...all('Deployment'), ...all('Job')].map(({ spec }) => spec.template);

    it('is valid, with all that is in its files', () => {
      const found = rendered.flatMap((each) => problems(each).map((problem) => `${each.kind}: ${problem}`));
      expect(found).toEqual([]);
      const inFiles = manifests.filter(([name]) => folder === 'example' || name.startsWith('base'));
      // And the settings.
      expect(rendered).toHaveLength(inFiles.length + 1);
    });

    it('names settings, accounts and pods that are there', () => {
      const [settings] = all('ConfigMap');
      for (const { spec } of templates()) {
        expect(spec.containers[0].envFrom).toEqual([{ configMapRef: { name: settings!.metadata.name } }]);
        expect(all('ServiceAccount').map(({ metadata }) => metadata.name)).toContain(spec.serviceAccountName);
      }
      const labels = templates().map(({ metadata }) => metadata.labels as Record<string, string>);
      const selectors = [
        ...['Deployment', 'PodDisruptionBudget', 'ServiceMonitor', 'PodMonitor'].flatMap((kind) =>
          all(kind).map(({ spec }) => spec.selector.matchLabels),
        ),
        ...all('Service').map(({ spec }) => spec.selector),
        ...all('NetworkPolicy').map(({ spec }) => spec.podSelector.matchLabels ?? {}),
      ] as Record<string, string>[];
      for (const selector of selectors) {
        expect(selector).toMatchObject({ 'app.kubernetes.io/name': 'sluice' });
        const has = (each: Record<string, string>) =>
          Object.entries(selector).every(([label, value]) => each[label] === value);
        expect(labels.some(has), JSON.stringify(selector)).toBe(true);
      }
    });

    it.runIf(folder === 'example')('has the image, the namespace and the settings of the overlay', () => {
      for (const { metadata, kind } of rendered) expect(metadata.namespace, kind).toBe('sluice');
      for (const { spec } of templates())
        expect(spec.containers[0].image).toBe('registry.example.com/sluice:0.1.0');
      expect(all('ConfigMap')[0]!.data).toMatchObject({
        SLUICE_STORAGE_URL: 's3://my-bucket/sluice',
        SLUICE_LOG_LEVEL: 'info',
      });
      const addresses = all('ScaledObject').flatMap(({ spec }) =>
        spec.triggers.map((trigger: { metadata: { url: string } }) => trigger.metadata.url),
      );
      expect(new Set(addresses)).toEqual(new Set(['http://sluice-api.sluice.svc:3000/v1/queues/metrics']));
      const worker = all('Deployment').find(({ metadata }) => metadata.name === 'sluice-worker')!;
      const [secrets] = worker.spec.template.spec.volumes;
      expect(secrets.secret.items).toContainEqual({ key: 'metrics_key', path: 'metrics_key' });
      // How many there are is up to KEDA.
      expect(worker.spec.replicas).toBeUndefined();
      expect(worker.spec.template.spec.containers[0].env).toContainEqual({
        name: 'SLUICE_METRICS_KEY_FILE',
        value: '/run/secrets/sluice/metrics_key',
      });
    });
  },
);

describe('what asks the API', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await createApi();
  });
  afterAll(() => api.close());

  const { triggers } = manifest('ScaledObject', 'sluice-worker').spec as {
    triggers: { metadata: { url: string; valueLocation: string; targetValue: string } }[];
  };

  it.each(triggers.map(({ metadata }) => [metadata.valueLocation, metadata] as const))(
    'KEDA reads %s as a number, with the key of a viewer',
    async (valueLocation, { url, targetValue }) => {
      const { hostname, port, pathname } = new URL(url);
      // With the namespace: KEDA asks from another one.
      const [name = '', ...namespace] = hostname.split('.');
      expect(namespace).toEqual(['sluice', 'svc']);
      const service = manifest('Service', name);
      expect(service.spec.ports[0].port).toBe(Number(port));
      const answer = await api.app.inject({ url: pathname, headers: bearer(await api.keyOf('viewer')) });
      expect(answer.statusCode).toBe(200);
      const value = valueLocation
        .split('.')
        .reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], answer.json());
      expect(value).toBe(0);
      expect(Number(targetValue)).toBeGreaterThan(0);
    },
  );

  it('Prometheus finds its page', async () => {
    const [endpoint] = manifest('ServiceMonitor', 'sluice-api').spec.endpoints;
    const answer = await api.app.inject({ url: endpoint.path });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('sluice_tasks');
    const [ofWorkers] = manifest('PodMonitor', 'sluice-worker').spec.podMetricsEndpoints;
    const [container] = manifest('Deployment', 'sluice-worker').spec.template.spec.containers;
    const [port] = container.ports;
    expect(ofWorkers).toMatchObject({ port: port.name, path: '/metrics' });
    expect(container.env).toContainEqual({
      name: 'SLUICE_WORKER_HEALTH_PORT',
      value: String(port.containerPort),
    });
    const [rule] = manifest('NetworkPolicy', 'sluice-worker-metrics').spec.ingress;
    expect(rule.ports).toEqual([{ protocol: 'TCP', port: port.containerPort }]);
  });
});
