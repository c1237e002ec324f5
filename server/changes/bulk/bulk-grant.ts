import 'server-only'
import type { BulkGrant, GrantIntent } from '@/lib/changes/intents/bulk-change'
import { AppError } from '@/lib/errors'
import { restoreGrant, setGrant } from '@/server/access/set-grant'
import { requirePermission } from '@/server/auth/actor'
import { findGrantOn } from '@/server/db/auth/grants'
import type { BulkTable } from '@/server/db/jobs/bulk-changes'
import type { ChangeServices } from '../pipeline/change-request'
import { writeKey } from '../pipeline/write-key'
import type { BulkAction } from './bulk-action'

/**
 * Gives a holder a role on tables, or takes it. As on a single table, it needs the permission to manage access, and
 * policies do not hold it. The preview stores the role that the holder has on each table.
 */
export function createBulkGrant(
  { database }: Pick<ChangeServices, 'database'>,
  { holder, role }: Omit<BulkGrant, 'kind'>,
): BulkAction {
  return {
    async preview(on) {
      const base = (await findGrantOn(database, holder, on))?.role ?? null
      if (base === role) return { state: 'unchanged', intents: [], warnings: [] }
      return { state: 'ready', intents: [{ kind: 'grant', holder: holder.name, base, value: role }], warnings: [] }
    },
    async commit(on, table, request) {
      const { base } = intentOf(table)
      const { kind, id } = holder
      const key = writeKey(request.actor, request.idempotencyKey, ['grant', on, kind, id, role])
      return setGrant(database, { holder, role, resource: on, expectedRole: base, key }, request)
    },
    proposals: null,
    async undo(on, entry, request) {
      requirePermission(request.actor, 'access:manage', on)
      const { kind, id } = holder
      const key = writeKey(request.actor, request.idempotencyKey, ['undo-grant', on, kind, id, entry.id])
      await restoreGrant(database, { holder, resource: on, entry, key }, request)
    },
  }
}

function intentOf({ intents }: BulkTable): GrantIntent {
  const intent = intents?.find((one) => one.kind === 'grant')
  if (intent === undefined) throw new AppError('invalid-request', 'It has no preview.')
  return intent
}
