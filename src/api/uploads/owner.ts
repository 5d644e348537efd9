import type { Owner } from '../../db/uploads/uploads.ts';
import type { RequestUser } from '../http/fastify.ts';

/** Whose uploads a user may see, import and delete: the own ones; an admin those of all. */
export function ownerOf({ id, role }: RequestUser): Owner {
  return role === 'admin' ? undefined : id;
}
