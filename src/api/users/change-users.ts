import type { Role } from '../../core/access/roles.ts';
import type { Database } from '../../db/client.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import type { RequestUser } from '../http/fastify.ts';
import { databaseError } from '../../db/errors.ts';
import {
  deleteUser,
  findUser,
  holdAdmins,
  insertUser,
  updateUser,
  USERS_EMAIL_KEY,
  type NewUser,
  type UserRow,
} from '../../db/access/users.ts';
import { AppError } from '../../errors.ts';
import { inTransaction, type Connection, type Tx } from '../../db/transaction.ts';

type UserChange = { name?: string; email?: string; role?: Role };

/** @throws AppError CONFLICT when the e-mail address is taken */
export function addUser(
  db: Connection,
  user: NewUser,
  by: Pick<RequestUser, 'id' | 'name'>,
): Promise<UserRow> {
  return withOwnEmail(user.email, () =>
    inTransaction(db, async (tx) => {
      await insertUser(tx, user);
      const { id, name, email, role } = user;
      await recordAudit(tx, {
        by,
        action: 'user.create',
        subject: { type: 'user', id },
        details: { name, email, role },
      });
      return requireUser(tx, user.id);
    }),
  );
}

/** @throws AppError NOT_FOUND; CONFLICT when the address is taken, or it is the last admin who would lose the role */
export function changeUser(
  db: Connection,
  id: string,
  change: UserChange,
  by: Pick<RequestUser, 'id' | 'name'>,
): Promise<UserRow> {
  return withOwnEmail(change.email, () =>
    inTransaction(db, async (tx) => {
      if (change.role !== undefined && change.role !== 'admin') await keepAnAdmin(tx, id);
      await updateUser(tx, id, change);
      const changed = await requireUser(tx, id);
      await recordAudit(tx, {
        by,
        action: 'user.change',
        subject: { type: 'user', id },
        details: { ...change },
      });
      return changed;
    }),
  );
}

/** @throws AppError NOT_FOUND; CONFLICT when it is the last admin */
export async function removeUser(
  db: Connection,
  id: string,
  by: Pick<RequestUser, 'id' | 'name'>,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    await keepAnAdmin(tx, id);
    if (!(await deleteUser(tx, id))) throw userNotFound(id);
    await recordAudit(tx, { by, action: 'user.delete', subject: { type: 'user', id } });
  });
}

/** @throws AppError NOT_FOUND */
export async function requireUser(db: Database, id: string): Promise<UserRow> {
  const user = await findUser(db, id);
  if (user === undefined) throw userNotFound(id);
  return user;
}

function userNotFound(id: string): AppError {
  return new AppError('NOT_FOUND', `There is no user ${id}.`);
}

/** Nobody could make another admin again. */
async function keepAnAdmin(tx: Tx, id: string): Promise<void> {
  const admins = await holdAdmins(tx);
  if (admins.length === 1 && admins[0] === id)
    throw new AppError('CONFLICT', 'This is the last admin. Make another user an admin first.');
}

async function withOwnEmail<T>(email: string | undefined, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (databaseError(error)?.constraint !== USERS_EMAIL_KEY) throw error;
    throw new AppError('CONFLICT', `Another user has the e-mail address ${email}.`, {}, { cause: error });
  }
}
