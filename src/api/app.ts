// The API as a Fastify app: what main.ts listens with, and what the tests build.
import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import { dashboardRoutes } from './dashboard/routes.ts';
import { datasetsRoutes } from './datasets/routes.ts';
import type { Config } from '../config/config.ts';
import type { ApiDeps } from './deps.ts';
import type { App } from './http/fastify.ts';
import { healthRoutes } from './health/routes.ts';
import { addMetrics } from './health/metrics.ts';
import { importsRoutes } from './imports/routes.ts';
import { keysRoutes } from './keys/routes.ts';
import { meRoutes } from './me/routes.ts';
import { addAfterResponse } from './http/after-response.ts';
import { addAuth, addRateLimit } from './http/auth.ts';
import { BadKeyLimit } from './http/bad-key-limit.ts';
import { addBasePath, rewriterFor } from './http/base-path.ts';
import { addNoStore } from './http/caching.ts';
import { addCors } from './http/cors.ts';
import { addExpectContinue } from './http/expect-continue.ts';
import { addJsonBodies } from './http/json-body.ts';
import { Keyring } from './http/keyring.ts';
import { addOpenApi } from './http/openapi.ts';
import { addProblems, answerBrokenHttp } from './http/problem-answers.ts';
import { addRequestLog } from './http/request-log.ts';
import { addRequestSpans } from './http/request-spans.ts';
import { addScope } from './http/scope.ts';
import { buildSerializer } from './http/serialization.ts';
import { addSlowBodyWatch } from './http/slow-body.ts';
import { addUnreadBodies } from './http/unread-body.ts';
import { addUploadLimit } from './http/upload-limit.ts';
import { readCertificate } from './http/tls.ts';
import { compileValidator } from './http/validation.ts';
import { sendProblem } from './http/problem.ts';
import { addSilentConnections } from './http/silent-connections.ts';
import { groupsRoutes } from './groups/routes.ts';
import { recordsRoutes } from './records/routes.ts';
import { resumableRoutes } from './resumable/routes.ts';
import { schedulesRoutes } from './schedules/routes.ts';
import { tasksRoutes } from './tasks/routes.ts';
import { signalsRoute } from './tasks/signals-route.ts';
import { workersRoutes } from './workers/routes.ts';
import { queuesRoutes } from './queues/routes.ts';
import { activeUsersRoutes } from './active-users/routes.ts';
import { auditRoutes } from './audit/routes.ts';
import { uploadsRoutes } from './uploads/routes.ts';
import { usersRoutes } from './users/routes.ts';
import { webhooksRoutes } from './webhooks/routes.ts';

export type { App } from './http/fastify.ts';

/** Of bodies that are read whole: to parse and judge a larger one would hold up everybody else. */
const JSON_BODY_LIMIT_BYTES = 64 * 1024;
/** Longest id or name in a path. */
const MAX_PARAM_CHARS = 200;
/** A client that sends its headers this slowly is no client. */
const HEADERS_TIMEOUT_MS = 60_000;
/** A connection on which nothing moves in either direction is given up; an event stream sends a heartbeat more often. */
const IDLE_CONNECTION_MS = 120_000;
/** Longer than the 60 s of common load balancers, so that it is they who close an idle connection. */
const KEEP_ALIVE_MS = 72_000;

/** Builds the app; the caller closes it, then what is in `deps`. */
export async function buildApp(deps: ApiDeps): Promise<App> {
  const app: App = createServer(deps);
  app.setValidatorCompiler(compileValidator);
  // JSON is the only body read whole; a text/plain one would arrive as a string.
  app.removeContentTypeParser('text/plain');
  addJsonBodies(app);
  app.decorateRequest('user');
  app.decorateRequest('isStillAllowed');
  app.decorateRequest('gaveUp');
  addRequestSpans(app);
  addRequestLog(app);
  addAfterResponse(app);
  addProblems(app, deps.config.basePath);
  addBasePath(app, deps.config.basePath);
  addCors(app, deps.config.corsOrigins);
  addExpectContinue(app);
  addSilentConnections(app);
  addUnreadBodies(app);
  addSlowBodyWatch(app, deps.config.minUploadBytesPerSecond);
  const metrics = addMetrics(app, deps);
  await addSecurityHeaders(app);
  await addOpenApi(app, deps.config.basePath);

  const badKeys = new BadKeyLimit(deps.config.badKeysPerMinute, deps.logger);
  const keyring = new Keyring(deps.database.db, deps.logger, badKeys);
  await app.register((scope: App) => healthRoutes(scope, deps, metrics));
  await app.register((scope: App) => dashboardRoutes(scope, deps, keyring), { prefix: '/dashboard' });
  await app.register(
    async (scope: App) => {
      addNoStore(scope);
      addAuth(scope, keyring);
      addScope(scope, deps.database.db);
      await addRateLimit(scope, deps.config.rateLimitPerMinute);
      addUploadLimit(scope, deps.config);
      await scope.register((each: App) => importsRoutes(each, deps));
      await scope.register((each: App) => uploadsRoutes(each, deps));
      await scope.register((each: App) => resumableRoutes(each, deps));
      await scope.register((each: App) => tasksRoutes(each, deps));
      await scope.register((each: App) => signalsRoute(each, deps));
      await scope.register((each: App) => groupsRoutes(each, deps));
      await scope.register((each: App) => schedulesRoutes(each, deps));
      await scope.register((each: App) => webhooksRoutes(each, deps));
      await scope.register((each: App) => datasetsRoutes(each, deps));
      await scope.register((each: App) => recordsRoutes(each, deps));
      await scope.register((each: App) => workersRoutes(each, deps));
      await scope.register((each: App) => queuesRoutes(each, deps));
      await scope.register((each: App) => activeUsersRoutes(each, deps));
      await scope.register((each: App) => auditRoutes(each, deps));
      await scope.register((each: App) => meRoutes(each));
      await scope.register((each: App) => usersRoutes(each, deps, keyring));
      await scope.register((each: App) => keysRoutes(each, deps, keyring));
    },
    { prefix: '/v1' },
  );
  return app;
}

function createServer(deps: ApiDeps): App {
  const loggerInstance: FastifyBaseLogger = deps.logger;
  const rewriteUrl = rewriterFor(deps.config.basePath);
  return Fastify({
    loggerInstance,
    schemaController: { compilersFactory: { buildSerializer } },
    // Requests are logged by http/request-log.ts.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: () => randomUUID(),
    // A client's own id would let it write into our log.
    requestIdHeader: false,
    trustProxy: trustedProxies(deps.config.trustProxy),
    ...(rewriteUrl === undefined ? {} : { rewriteUrl }),
    bodyLimit: JSON_BODY_LIMIT_BYTES,
    // No limit for a whole request: an upload of many GB over a slow line may take hours. What is limited instead: the
    // headers, the JSON body's size, and standing still.
    requestTimeout: 0,
    connectionTimeout: IDLE_CONNECTION_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    ...protocolOf(deps.config),
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: MAX_PARAM_CHARS, ignoreTrailingSlash: false, caseSensitive: true },
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, error),
    clientErrorHandler: answerBrokenHttp,
  }).withTypeProvider<TypeBoxTypeProvider>();
}

/** Fastify's types have servers of another class for TLS; what is used here is the same in both. */
function protocolOf(config: Config): { readonly http: { readonly headersTimeout: number } } {
  const certificate = readCertificate(config);
  const options = { headersTimeout: HEADERS_TIMEOUT_MS };
  return certificate === undefined ? { http: options } : ({ https: { ...options, ...certificate } } as never);
}

/** Fastify's own numbers mean the same, but its types do not know them: so many of the nearest hops are proxies of ours. */
function trustedProxies(trust: Config['trustProxy']) {
  return typeof trust === 'number' ? (_address: string, hop: number): boolean => hop < trust : trust;
}

/** The API answers JSON; only its pages (/docs, /dashboard) load anything, and they relax this for themselves. */
async function addSecurityHeaders(app: App): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], formAction: ["'none'"] },
    },
    // Whether this host is only ever reached over TLS is for the proxy that ends the TLS to say.
    strictTransportSecurity: false,
    // Meaningless without TLS, and browsers warn of them.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  });
}
