import 'server-only'
import type { Token as TokenOnWire } from '@/lib/contract/tokens'
import { lesserRole } from '@/lib/permissions'
import type { Token } from '@/server/db/auth/tokens'

/** A token as people see it, without its secret. */
export function toToken(token: Token): TokenOnWire {
  const { tokenId, name, role, owner, state, createdAtMs, expiresAtMs, lastUsedAtMs } = token
  return {
    tokenId,
    name,
    username: owner.username,
    role,
    effectiveRole: lesserRole(role, owner.role),
    state,
    createdAtMs,
    expiresAtMs,
    lastUsedAtMs,
  }
}
