// The Fastify types of this API, and what Sluice adds to them.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { AppError } from '../../errors.ts';
import type { KeyScope } from '../../core/access/key-scope.ts';
import type { Role } from '../../core/access/roles.ts';
import type { BackgroundJob } from './after-response.ts';
import type { RouteScope } from './scope.ts';

/** An instance or scope of the API; routes added to it take their types from their TypeBox schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Who a request comes from: a user, by one of their keys. */
export interface RequestUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly keyId: string;
  /** What the key may do within the role. */
  readonly scope: KeyScope;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The least role that may call the route. Every route under /v1 declares one, or the app does not start. */
    role?: Role;
    /** The body is a file: limits on uploads hold for the route. */
    takesFile?: boolean;
    /** For keys that are limited; a route that does not say it is closed to them. */
    scope?: RouteScope;
  }
  interface FastifyRequest {
    /** Set before the body is read, on every route with a role. */
    user: RequestUser;
    /** Asks again whether the key may do this, for an answer that takes long; set with `user`. */
    isStillAllowed: () => Promise<boolean>;
    /** Why its body is not waited for any more. Reading it then fails in some way or other: this is what went wrong. */
    gaveUp?: AppError;
    /** Runs these in their order when the answer has gone out. @see addAfterResponse */
    afterResponse: (jobs: readonly BackgroundJob[]) => void;
  }
}
