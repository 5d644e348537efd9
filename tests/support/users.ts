import { randomUUID } from 'node:crypto';
import type { TestApi } from './api.ts';

/** @returns the id of a new operator */
export async function createUser(api: TestApi): Promise<string> {
  const payload = { name: 'Somebody', email: `${randomUUID()}@example.com`, role: 'operator' };
  const answer = await api.call({ method: 'POST', url: '/v1/users', payload });
  return answer.json<{ id: string }>().id;
}
