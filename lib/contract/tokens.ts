import * as z from 'zod'
import { ROLES } from '@/lib/permissions'
import { resource, resourceFields } from './access/shapes'
import { endpoint } from './endpoint'
import { TOKEN_LIFETIME_DAYS, TOKEN_OVERLAP_HOURS } from './shapes/plain-values'
import { contractSchemas } from './shapes/schemas'
import { instantMs } from './shapes/wire'

/** One line that begins and ends with a visible character. */
export const TOKEN_NAME_PATTERN = /^[^\s\p{C}](?:[^\p{C}\u2028\u2029]{0,62}[^\s\p{C}])?$/u

const token = z
  .object({
    tokenId: z.string(),
    name: z.string(),
    /** The user that it acts for. */
    username: z.string(),
    /** Whether that user is a service account. */
    isOfService: z.boolean(),
    /** The role it was created with. */
    role: z.enum(ROLES),
    /** The resource that it is limited to: a catalog or a namespace with everything in it, or everything. */
    resource,
    /** The highest role it has anywhere now: lower if its owner's have been lowered since, null if they have none. */
    effectiveRole: z.enum(ROLES).nullable(),
    /**
     * `disabled`: its owner is disabled; the token is valid again when they are enabled. `paused`: its owner has to
     * change a generated password first.
     */
    state: z.enum(['live', 'disabled', 'paused', 'expired', 'revoked']),
    createdAtMs: instantMs,
    expiresAtMs: instantMs,
    /** When its current secret was used, to the minute; null: never. */
    lastUsedAtMs: instantMs.nullable(),
    /** When its secret was replaced last; null: never. */
    rotatedAtMs: instantMs.nullable(),
    /** The secret before the last rotation while it is accepted, and when it was used; null: there is none. */
    oldSecret: z.object({ endsAtMs: instantMs, lastUsedAtMs: instantMs.nullable() }).nullable(),
  })
  .register(contractSchemas, { id: 'Token' })
export type Token = z.output<typeof token>

export const listTokens = endpoint({
  summary: 'Lists the caller’s personal access tokens, newest first, including expired and revoked ones',
  description: 'An admin can name another `user`, or `*` for all users.',
  method: 'GET',
  path: '/api/v1/tokens',
  permission: 'browser-session',
  input: z.object({ user: z.string().min(1).max(64).optional() }),
  output: z.object({ tokens: z.array(token).max(1000) }),
})

export const createToken = endpoint({
  summary: 'Creates an access token with a role up to its owner’s own',
  description:
    '`text` is the token itself. It is not returned again. The token has the grants of its owner, limited to its role and, if named, to one catalog or one namespace with everything in it. The owner is the caller; an admin can name a service account as `user`.',
  method: 'POST',
  path: '/api/v1/tokens',
  permission: 'browser-session',
  input: z.object({
    name: z
      .string()
      .regex(TOKEN_NAME_PATTERN, 'one line of 1 to 64 characters that begins and ends with a visible one'),
    role: z.enum(ROLES),
    days: z.int().min(TOKEN_LIFETIME_DAYS.min).max(TOKEN_LIFETIME_DAYS.max),
    user: z.string().min(1).max(64).optional(),
    catalog: resourceFields.catalog,
    namespace: resourceFields.namespace,
  }),
  output: z.object({ token, secret: z.string() }),
})

export const revokeToken = endpoint({
  summary: 'Revokes a token at once',
  description: 'Users revoke their own tokens, admins any token.',
  method: 'DELETE',
  path: '/api/v1/tokens/:tokenId',
  permission: 'browser-session',
  input: z.object({ tokenId: z.string().min(1).max(64) }),
  output: z.object({}),
})

export const rotateToken = endpoint({
  summary: 'Replaces the secret of a token, which keeps its name, role, limit and expiry',
  description:
    '`secret` is the token with the new secret. It is not returned again. The old secret, and access tokens that were issued for it, are accepted for `overlapHours` more; with 0 they end at once. A secret that was replaced earlier ends at once. Users rotate their own tokens, admins also those of service accounts.',
  method: 'POST',
  path: '/api/v1/tokens/:tokenId/rotate',
  permission: 'browser-session',
  input: z.object({ tokenId: z.string().min(1).max(64), overlapHours: z.literal(TOKEN_OVERLAP_HOURS) }),
  output: z.object({ token, secret: z.string() }),
})
