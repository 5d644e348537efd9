import { Type } from 'typebox';
import { LONGEST_REQUEST_MS, requestSafely, type HttpRules } from '../http/request-safely.ts';
import { defineTask, type Task } from '../define-task.ts';
import { refusal } from '../http/refusal.ts';

/** Less than a result may have. */
const MOST_BYTES = 512 * 1024;
/** Calls somebody else's HTTP API, and tries again when that cannot answer now. */
export function httpRequest(rules: HttpRules): Task {
  return defineTask(
    {
      name: 'http-request',
      description:
        'Sends an HTTP request. It is tried again after 408, 425, 429 and 5xx, not before `Retry-After`; another 4xx fails it at once.',
      retries: 5,
      args: Type.Object(
        {
          method: Type.Optional(
            Type.Enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], {
              type: 'string',
              default: 'GET',
              description: 'GET if not given.',
            }),
          ),
          url: Type.String({ maxLength: 8000, description: 'http or https.' }),
          headers: Type.Optional(
            Type.Record(Type.String(), Type.String(), { description: 'They are kept with the task.' }),
          ),
          body: Type.Optional(
            Type.Unknown({ description: 'A text is sent as it is, anything else as JSON.' }),
          ),
          timeoutMs: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: LONGEST_REQUEST_MS,
              description: 'For the whole of it, 30000 if not given.',
            }),
          ),
        },
        { additionalProperties: false },
      ),
      result: Type.Object({
        status: Type.Integer(),
        headers: Type.Record(Type.String(), Type.String()),
        body: Type.Unknown({ description: 'JSON where the answer says it is, else a text.' }),
      }),
    },
    async ({ method = 'GET', url, headers = {}, body, timeoutMs = 30_000 }, { signal, traceparent }) => {
      const answer = await requestSafely(rules, {
        method,
        url,
        headers: { ...(traceparent === undefined ? {} : { traceparent }), ...withType(headers, body) },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        timeoutMs,
        maxBytes: MOST_BYTES,
        signal,
      });
      const { status } = answer;
      const text = answer.body.toString('utf8').replaceAll('\0', '\u{fffd}');
      if (status >= 400) throw refusal(answer, `${method} ${url}`, text.slice(0, 500));
      return { status, headers: answer.headers, body: parsed(text, answer.headers['content-type']) };
    },
  );
}

function withType(headers: Readonly<Record<string, string>>, body: unknown): Record<string, string> {
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  if (body === undefined || typeof body === 'string' || hasType) return { ...headers };
  return { ...headers, 'content-type': 'application/json' };
}

function parsed(text: string, type = ''): unknown {
  if (!/\bjson\b/i.test(type)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
