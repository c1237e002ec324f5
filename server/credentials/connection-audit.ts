import 'server-only'
import * as z from 'zod'
import { type ConnectionSettings, connectionSettings } from '@/lib/contract/connections'
import type { Actor } from '@/server/auth/actor'
import { auditChange, type AuditState } from '@/server/db/audit'
import type { Change } from '@/server/db/database'

/** The user who makes a change, and the id of their request. */
export type ChangeContext = { actor: Actor; requestId: string }

type ConnectionState = {
  name: string | null
  /** Settings contain no secrets. */
  settings?: ConnectionSettings
  changedSecrets?: readonly string[]
  /** The scheme, host and port that a test connected to; null: of a folder, or of a storage that names none. */
  address?: string | null
  failedStep?: string | null
}

type ConnectionAuditAction =
  | 'add-connection'
  | 'change-connection'
  | 'remove-connection'
  | 'test-connection'
  | 'fail-connection-test'
  | 'bind-own-credentials'
  | 'forget-own-credentials'

/**
 * The audit row for an action on a connection, to be written with the change. It contains only the names of secrets.
 */
export function connectionAudit(
  action: ConnectionAuditAction,
  { actor, requestId }: { actor: Actor; requestId: string },
  { before, after }: { before: ConnectionState | null; after: ConnectionState | null },
): Change {
  return auditChange({
    actor,
    action,
    before: before && toAuditState(before),
    after: after && toAuditState(after),
    requestId,
  })
}

function toAuditState({ settings, ...state }: ConnectionState): AuditState {
  return { connection: { ...state, ...(settings && { settings: z.encode(connectionSettings, settings) }) } }
}
