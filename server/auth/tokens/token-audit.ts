import 'server-only'
import { auditChange } from '@/server/db/audit'
import type { Change } from '@/server/db/database'
import type { Token } from '@/server/db/auth/tokens'

type TokenChange = {
  action: 'create-token' | 'revoke-token' | 'rotate-token'
  /** Until when the old secret of a rotated token is accepted. */
  oldSecretEndsAtMs?: number
  actor: { userId: string; username: string }
  token: Pick<Token, 'tokenId' | 'name' | 'limit' | 'expiresAtMs'> & { owner: { username: string } }
  requestId: string | null
}

/** The audit row of a token that was created, revoked or rotated, to be committed with the change. */
export function tokenAudit({ action, actor, token, requestId, oldSecretEndsAtMs }: TokenChange): Change {
  const { tokenId, name, limit, expiresAtMs, owner } = token
  const state = {
    token: { tokenId, name, username: owner.username, role: limit.role, on: limit.resource, expiresAtMs },
  }
  return auditChange({
    actor,
    action,
    before: action === 'create-token' ? null : state,
    after:
      action === 'revoke-token'
        ? null
        : { token: { ...state.token, ...(oldSecretEndsAtMs !== undefined && { oldSecretEndsAtMs }) } },
    requestId,
  })
}
