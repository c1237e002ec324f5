import { z } from 'zod'
import { ROLES } from '@/lib/permissions'
import { endpoint } from './endpoint'
import { instantMs } from './wire'

/** How long a token may hold; `choices` are what is offered. */
export const TOKEN_LIFE_DAYS = { min: 1, max: 365, usual: 90, choices: [7, 30, 90, 180, 365] } as const

/** One line that begins and ends with something to see. */
export const TOKEN_NAME = /^[^\s\p{C}](?:[^\p{C}\u2028\u2029]{0,62}[^\s\p{C}])?$/u

/** In place of a person's name: tokens of all. */
export const EVERYBODY = '*'

const token = z.object({
  tokenId: z.string(),
  name: z.string(),
  /** Whom it acts for. */
  username: z.string(),
  /** What it was made with. */
  role: z.enum(ROLES),
  /** What it may do now: its owner's role, where that is less since. */
  effectiveRole: z.enum(ROLES),
  /** `disabled`: its owner is, and it holds again when they are enabled. */
  state: z.enum(['live', 'disabled', 'expired', 'revoked']),
  createdAtMs: instantMs,
  expiresAtMs: instantMs,
  /** To the minute; null: never. */
  lastUsedAtMs: instantMs.nullable(),
})
export type Token = z.output<typeof token>

/** One's own personal access tokens, newest first, ended ones too. For an admin those of `user`, or of all (`*`). */
export const listTokens = endpoint({
  method: 'GET',
  path: '/api/v1/tokens',
  permission: 'signed-in',
  input: z.object({ user: z.string().min(1).max(64).optional() }),
  output: z.object({ tokens: z.array(token).max(1000) }),
})

/** Makes a token of one's own, with a role up to one's own. `text` is the token itself, which is not told again. */
export const createToken = endpoint({
  method: 'POST',
  path: '/api/v1/tokens',
  permission: 'signed-in',
  input: z.object({
    name: z.string().regex(TOKEN_NAME),
    role: z.enum(ROLES),
    days: z.int().min(TOKEN_LIFE_DAYS.min).max(TOKEN_LIFE_DAYS.max),
  }),
  output: z.object({ token, text: z.string() }),
})

/** Ends a token at once: one's own, or anybody's for an admin. */
export const revokeToken = endpoint({
  method: 'DELETE',
  path: '/api/v1/tokens/:tokenId',
  permission: 'signed-in',
  input: z.object({ tokenId: z.string().min(1).max(64) }),
  output: z.object({}),
})
