// The words of the audit log (docs/operating.md lists them).

/** What was done. `<what>.<verb>`; more are added, none change. */
export const AUDIT_ACTIONS = [
  'task.create',
  'task.cancel',
  'task.retry',
  'task.signal',
  'tasks.cancel',
  'tasks.retry',
  'schedule.create',
  'schedule.change',
  'schedule.delete',
  'schedule.run',
  'import.rerun',
  'import.retry',
  'import.undo',
  'import.erase',
  'import.commit',
  'dataset.apply',
  'dataset.delete',
  'records.create',
  'records.change',
  'records.delete',
  'worker.pause',
  'worker.resume',
  'worker.drain',
  'worker.scale',
  'worker.shutdown',
  'workers.start',
  'workers.stop',
  'queue.pause',
  'queue.resume',
  'key.create',
  'key.revoke',
  'user.create',
  'user.change',
  'user.delete',
  'webhook.create',
  'webhook.change',
  'webhook.delete',
  'webhook.rotate-secret',
  'webhook.test',
  'webhook.redeliver',
  'webhook.disable',
  'board.change',
  'board.refused',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** What it was done to. */
export const AUDIT_SUBJECTS = [
  'task',
  'schedule',
  'import',
  'dataset',
  'worker',
  'queue',
  'key',
  'user',
  'webhook',
] as const;
export type AuditSubject = (typeof AUDIT_SUBJECTS)[number];

/** By which way. `sluice`: by itself. */
export const AUDIT_VIAS = ['api', 'dashboard', 'cli', 'sluice'] as const;
export type AuditVia = (typeof AUDIT_VIAS)[number];
