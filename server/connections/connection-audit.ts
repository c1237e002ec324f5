import 'server-only'
import { z } from 'zod'
import { type ConnectionSettings, connectionSettings } from '@/lib/contract/connections'
import type { Actor } from '@/server/auth/actor'
import { type AuditState, auditId, auditStatement } from '@/server/db/audit'
import type { Statement } from '@/server/db/database'

type Told = {
  name: string
  /** They hold no secret. */
  settings?: ConnectionSettings
  changedSecrets?: readonly string[]
  failedStep?: string | null
}

type Action =
  | 'add-connection'
  | 'change-connection'
  | 'remove-connection'
  | 'test-connection'
  | 'bind-own-credentials'
  | 'forget-own-credentials'

/** The audit row of something done with a connection, to be written with it. Of secrets only names are in it. */
export function connectionAudit(
  action: Action,
  { actor, requestId, nowMs = Date.now() }: { actor: Actor; requestId: string; nowMs?: number },
  { before, after }: { before: Told | null; after: Told | null },
): Statement {
  return auditStatement(
    {
      actor: { userId: actor.userId, username: actor.username },
      action,
      table: null,
      tableUuid: null,
      before: before && stateOf(before),
      after: after && stateOf(after),
      requestId,
      undoes: null,
    },
    { id: auditId(nowMs), atMs: nowMs },
  )
}

function stateOf({ settings, ...told }: Told): AuditState {
  return { connection: { ...told, ...(settings && { settings: z.encode(connectionSettings, settings) }) } }
}
