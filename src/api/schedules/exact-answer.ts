// Answers with big integers in them: written by hand, because the serializer of a schema knows only numbers.
import { Type, type TSchema } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { stringifyExact } from '../../core/tasks/exact-json.ts';

/** Of a route that sends `exactJson`. */
export function exactAnswer(schema: TSchema, description: string) {
  return { description, content: { 'application/json': { schema: Type.Unsafe<string>(schema) } } };
}

/** The body of the answer; an integer beyond 2^53 is a bigint in `value`. */
export function exactJson(reply: FastifyReply, value: unknown): string {
  void reply.type('application/json; charset=utf-8');
  return stringifyExact(value);
}
