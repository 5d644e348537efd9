// GET /v1/audit: who did what.
import { Type, type Static } from '@fastify/type-provider-typebox';
import { AUDIT_ACTIONS, AUDIT_SUBJECTS, AUDIT_VIAS } from '../../core/audit/audit.ts';
import { listAudit, type AuditRow } from '../../db/audit/audit-log.ts';
import type { ApiDeps } from '../deps.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { pageOf } from '../http/page.ts';
import { GivenInstantParameter } from '../http/given-instant.ts';
import { Id, IdPageQuery, Instant, Label, nullable, Page, problems } from '../http/schemas.ts';

const Action = component(
  'AuditAction',
  Type.Enum([...AUDIT_ACTIONS], { type: 'string', description: 'What was done.' }),
);

const AuditEntry = component(
  'AuditEntry',
  Type.Object(
    {
      id: Id('The entry.'),
      at: Instant('When it was done.'),
      by: nullable(
        component(
          'AuditUser',
          Type.Object(
            { id: Id('The user.'), name: Type.String({ description: 'Their name at that time.' }) },
            { description: 'Who did it; null: the command line, or Sluice itself (`via`).' },
          ),
        ),
      ),
      via: Type.Enum([...AUDIT_VIAS], {
        type: 'string',
        description: 'By which way. `cli`: the command line. `sluice`: Sluice by itself.',
      }),
      action: Action,
      subjectType: Type.Enum([...AUDIT_SUBJECTS], { type: 'string', description: 'What it was done to.' }),
      subjectId: nullable(
        Type.String({ description: 'Which one: its id or its name. Null: several; `details` say which.' }),
      ),
      details: Type.Object({}, { additionalProperties: true, description: 'More about it; no secrets.' }),
    },
    { description: 'One thing that somebody did.' },
  ),
);

const AuditQuery = Type.Object(
  {
    ...IdPageQuery.properties,
    action: Type.Optional(Action),
    subjectType: Type.Optional(
      Type.Enum([...AUDIT_SUBJECTS], { type: 'string', description: 'Only what was done to these.' }),
    ),
    subjectId: Type.Optional(Label('Only what was done to this one.')),
    userId: Type.Optional(Type.String({ format: 'uuid', description: 'Only what this user did.' })),
    from: Type.Optional(GivenInstantParameter('From this time on.')),
    to: Type.Optional(GivenInstantParameter('Before this time.')),
  },
  { additionalProperties: false },
);

export async function auditRoutes(app: App, deps: ApiDeps): Promise<void> {
  app.get(
    '/audit',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'listAudit',
        summary: 'Who did what',
        description:
          'Newest first. Entries are kept for SLUICE_AUDIT_RETENTION_DAYS. A change and its entry are written in one transaction.',
        tags: ['access'],
        querystring: AuditQuery,
        response: { 200: Page(AuditEntry, 'One page of the audit log.'), ...problems(400) },
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const rows = await listAudit(deps.database.db, filter, { limit: limit + 1, beforeId: cursor });
      return pageOf(rows, limit, (row) => row.id, toEntry);
    },
  );
}

function toEntry(row: AuditRow): Static<typeof AuditEntry> {
  const { id, at, userId, userName, via, action, subjectType, subjectId, details } = row;
  return {
    id,
    at: at.toISOString(),
    by: userId === null ? null : { id: userId, name: userName ?? '' },
    via,
    action,
    subjectType,
    subjectId,
    details,
  };
}
