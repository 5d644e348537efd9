import { PROBLEM_TYPE, type Problem } from './problem.ts';

/** A problem as bytes on the wire, for a connection that Fastify cannot answer on (any more). It is to be closed after that. */
export function httpAnswer(problem: Problem): string {
  const body = JSON.stringify(problem);
  return (
    `HTTP/1.1 ${problem.status} ${problem.title}\r\ncontent-type: ${PROBLEM_TYPE}\r\n` +
    `x-request-id: ${problem.requestId}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
  );
}
