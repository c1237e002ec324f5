import 'server-only'
import type { Token as TokenOnWire } from '@/lib/contract/tokens'
import { highestRole, type RoleGrant } from '@/lib/permissions'
import { effectiveRoles } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import { readGrantsOf } from '@/server/db/auth/grants'
import type { Token } from '@/server/db/auth/tokens'

/**
 * A token for display, without its secret.
 *
 * @param roleGrants of its owner, in addition to the role on everything
 */
function toToken(token: Token, roleGrants: readonly RoleGrant[]): TokenOnWire {
  const { tokenId, name, limit, owner, state, createdAtMs, expiresAtMs, lastUsedAtMs, rotatedAtMs, previous } = token
  return {
    tokenId,
    name,
    username: owner.username,
    isOfService: owner.isService,
    role: limit.role,
    resource: limit.resource,
    effectiveRole: highestRole(effectiveRoles({ role: owner.role, roleGrants, limit }).map(({ role }) => role)),
    state,
    createdAtMs,
    expiresAtMs,
    lastUsedAtMs,
    rotatedAtMs,
    // No secret of a token that has ended is accepted.
    oldSecret: state === 'live' ? previous : null,
  }
}

/** Tokens for display, with the current permissions of their owners. */
export async function toTokens(database: Database, tokens: readonly Token[]): Promise<TokenOnWire[]> {
  const owners = [...new Set(tokens.map(({ owner }) => owner.userId))]
  const granted = await readGrantsOf(database, owners)
  return tokens.map((token) => toToken(token, granted.get(token.owner.userId) ?? []))
}
