// What a key that is limited to datasets or verbs may call. A route says what it is about; one that does not is closed to such keys.
import type { FastifyRequest } from 'fastify';
import {
  allowsDataset,
  allowsVerb,
  isLimited,
  type KeyScope,
  type ScopeVerb,
} from '../../core/access/key-scope.ts';
import { datasetOfImport, datasetOfTask, datasetOfUpload, NO_DATASET } from '../../db/access/dataset-of.ts';
import type { Database } from '../../db/client.ts';
import { AppError } from '../../errors.ts';
import { isUuid } from '../../core/uuid.ts';
import type { App, RequestUser } from './fastify.ts';

/** Of a route, for keys that are limited. */
export interface RouteScope {
  /** One of them is needed; without any, no key is kept from it, unless the route does so by itself (`holdToVerb`). */
  readonly verbs: readonly ScopeVerb[];
  /**
   * Where its dataset is found. `path`: the parameter `name` or `dataset`; `import`, `task`, `upload`: the one with the parameter `id`; `handler`: the
   * route holds to it by itself (`holdToDataset`, `heldDatasets`); `none`: it is about no dataset.
   */
  readonly dataset: 'path' | 'import' | 'task' | 'upload' | 'handler' | 'none';
}

/** Add it after `addAuth`. */
export function addScope(scope: App, db: Database): void {
  scope.addHook('onRequest', async (request) => {
    const held = request.user.scope;
    if (!isLimited(held)) return;
    const route = request.routeOptions.config.scope;
    if (route === undefined) return refuseLimited(request.user);
    holdToVerb(request, ...route.verbs);
    const dataset = await datasetOf(db, request, route);
    if (dataset === NO_DATASET) return refuseLimited(request.user);
    if (dataset !== undefined) holdToDataset(request, dataset);
  });
}

/** @throws AppError FORBIDDEN when the key is limited at all */
export function refuseLimited({ scope }: Pick<RequestUser, 'scope'>): void {
  if (isLimited(scope))
    throw new AppError('FORBIDDEN', `This is not for a key that is limited ${limitsOf(scope)}.`, {
      ...scope,
    });
}

/** @param verbs one of them is needed; none: any does. @throws AppError FORBIDDEN when the request's key is limited to others */
export function holdToVerb({ user: { scope } }: Pick<FastifyRequest, 'user'>, ...verbs: ScopeVerb[]): void {
  if (verbs.length === 0 || verbs.some((verb) => allowsVerb(scope, verb))) return;
  throw new AppError(
    'FORBIDDEN',
    `This call needs the verb ${verbs.join(' or ')}; the key you sent is limited ${limitsOf(scope)}.`,
    { ...scope, neededVerbs: verbs },
  );
}

/** @throws AppError FORBIDDEN when the request's key is limited to other datasets */
export function holdToDataset({ user: { scope } }: Pick<FastifyRequest, 'user'>, dataset: string): void {
  if (allowsDataset(scope, dataset)) return;
  throw new AppError(
    'FORBIDDEN',
    `The key you sent is limited ${limitsOf(scope)}, and this is about "${dataset.slice(0, 100)}".`,
    { ...scope },
  );
}

/** Of a list: undefined where the key is not limited. */
export function heldDatasets({
  user: { scope },
}: Pick<FastifyRequest, 'user'>): readonly string[] | undefined {
  return scope.datasets ?? undefined;
}

/** Undefined: it is about none, or about one that is not there, which the route says. */
async function datasetOf(
  db: Database,
  { params, user }: FastifyRequest,
  { dataset: where }: RouteScope,
): Promise<string | undefined> {
  // A task may be none of an import, whatever the datasets are.
  if (user.scope.datasets === null && where !== 'task') return undefined;
  const { id = '', name, dataset = name } = params as Record<'id' | 'name' | 'dataset', string | undefined>;
  switch (where) {
    case 'path':
      return dataset;
    case 'import':
      return isUuid(id) ? datasetOfImport(db, id) : undefined;
    case 'task':
      return isUuid(id) ? datasetOfTask(db, id) : undefined;
    case 'upload':
      return isUuid(id) ? datasetOfUpload(db, id) : undefined;
    case 'handler':
    case 'none':
      return undefined;
  }
}

function limitsOf({ datasets, verbs }: KeyScope): string {
  return [
    ...(datasets === null ? [] : [`to the datasets ${datasets.join(', ')}`]),
    ...(verbs === null ? [] : [`to the verbs ${verbs.join(', ')}`]),
  ].join(' and ');
}
