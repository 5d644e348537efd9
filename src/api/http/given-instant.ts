// Times in requests.
import { Type } from '@fastify/type-provider-typebox';

/** Of years that people mean; `9999-12-31T00:00:00Z` is often said for "never". */
export const GIVEN_INSTANT_PATTERN = '^(19[7-9]|[2-9]\\d\\d)\\d-';

const RULES = { format: 'date-time', pattern: GIVEN_INSTANT_PATTERN } as const;

/** A time in a body. */
export const GivenInstant = (description: string) =>
  Type.String({ ...RULES, description, examples: ['2026-01-31T09:00:00.000Z'] });

/** A time in a query: the page at /docs would fill an example in. */
export const GivenInstantParameter = (description: string) => Type.String({ ...RULES, description });
