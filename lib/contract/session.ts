import { z } from 'zod'
import { PERMISSIONS, ROLES } from '@/lib/permissions'
import { endpoint } from './endpoint'
import { instantMs } from './wire'

/** In characters. The upper end keeps the work of checking one bounded. */
export const PASSWORD_LENGTH = { min: 8, max: 256 } as const

const session = z.object({
  userId: z.string(),
  username: z.string(),
  role: z.enum(ROLES),
  /** What the role may do, on everything. */
  permissions: z.array(z.enum(PERMISSIONS)),
  /** When this session ends, whatever is done in it. */
  expiresAtMs: instantMs,
  /** Whether the password is still the one that was generated at first start. */
  hasGeneratedPassword: z.boolean(),
})
export type Session = z.output<typeof session>

/** Who is signed in, and what they may do. */
export const getSession = endpoint({
  method: 'GET',
  path: '/api/v1/session',
  permission: 'signed-in',
  input: z.object({}),
  output: session,
})

/** Ends the session at once: its cookie is worth nothing afterwards. */
export const endSession = endpoint({
  method: 'DELETE',
  path: '/api/v1/session',
  permission: 'signed-in',
  input: z.object({}),
  output: z.object({}),
})

/** Changes one's own password and ends one's other sessions. */
export const changePassword = endpoint({
  method: 'POST',
  path: '/api/v1/session/password',
  permission: 'signed-in',
  input: z.object({
    currentPassword: z.string().min(1).max(PASSWORD_LENGTH.max),
    newPassword: z.string().min(PASSWORD_LENGTH.min).max(PASSWORD_LENGTH.max),
  }),
  output: z.object({ endedSessionCount: z.int().nonnegative() }),
})
