// /v1/webhooks: who is told of what happens to imports and tasks. Workers send the deliveries (worker/webhooks/deliver-webhooks.ts).
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { changeRoutes } from './change.ts';
import { createWebhooksContext } from './context.ts';
import { readRoutes } from './read.ts';
import { redeliverRoutes } from './redeliver.ts';

export async function webhooksRoutes(app: App, deps: ApiDeps): Promise<void> {
  const context = createWebhooksContext(deps);
  readRoutes(app, context);
  changeRoutes(app, context);
  redeliverRoutes(app, context);
}
