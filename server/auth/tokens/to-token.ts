import 'server-only'
import type { Token as TokenOnWire } from '@/lib/contract/tokens'
import { highestRole, type RoleGrant } from '@/lib/permissions'
import { effectiveRoles } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import { readGrantsOf } from '@/server/db/auth/grants'
import type { Token } from '@/server/db/auth/tokens'

/**
 * A token as people see it, without its secret.
 *
 * @param roleGrants what its owner has in addition to the role on everything
 */
function toToken(token: Token, roleGrants: readonly RoleGrant[]): TokenOnWire {
  const { tokenId, name, limit, owner, state, createdAtMs, expiresAtMs, lastUsedAtMs } = token
  return {
    tokenId,
    name,
    username: owner.username,
    role: limit.role,
    on: limit.on,
    effectiveRole: highestRole(effectiveRoles({ role: owner.role, roleGrants, limit }).map(({ role }) => role)),
    state,
    createdAtMs,
    expiresAtMs,
    lastUsedAtMs,
  }
}

/** Tokens as people see them, with what their owners may do now. */
export async function toTokens(database: Database, tokens: readonly Token[]): Promise<TokenOnWire[]> {
  const owners = [...new Set(tokens.map(({ owner }) => owner.userId))]
  const granted = await readGrantsOf(database, owners)
  return tokens.map((token) => toToken(token, granted.get(token.owner.userId) ?? []))
}
