import * as z from 'zod'
import { PERMISSIONS, ROLES } from '@/lib/permissions'
import { endpoint } from './endpoint'
import { resource } from './access/shapes'
import { PASSWORD_CHARS } from './shapes/plain-values'
import { contractSchemas } from './shapes/schemas'
import { instantMs } from './shapes/wire'

const session = z
  .object({
    userId: z.string(),
    username: z.string(),
    /** The highest role on everything; null: none. */
    role: z.enum(ROLES).nullable(),
    /** The permissions of that role. */
    permissions: z.array(z.enum(PERMISSIONS)),
    /** The roles on parts of the lake. A token has none that it was not created for. */
    grants: z.array(z.object({ role: z.enum(ROLES), resource })).max(10_000),
    /** When this session ends, even if it is in use. */
    expiresAtMs: instantMs,
    /**
     * Whether the session was opened with a generated password, of the first start or of an admin. Until the user has
     * changed it, the session can only do that, return itself, and end.
     */
    hasGeneratedPassword: z.boolean(),
    /** Whether the user has a password here. Without one they sign in with the identity provider only. */
    hasPassword: z.boolean(),
  })
  .register(contractSchemas, { id: 'Session' })
export type Session = z.output<typeof session>

export const getSession = endpoint({
  summary: 'Returns the signed-in user and their permissions',
  method: 'GET',
  path: '/api/v1/session',
  permission: 'signed-in',
  allowsGeneratedPassword: true,
  input: z.object({}),
  output: session,
})

export const endSession = endpoint({
  summary: 'Ends the session at once',
  method: 'DELETE',
  path: '/api/v1/session',
  permission: 'browser-session',
  allowsGeneratedPassword: true,
  input: z.object({}),
  output: z.object({}),
})

export const changePassword = endpoint({
  summary: 'Changes the caller’s password and ends their other sessions',
  description:
    'A session that was opened with a generated password can do nothing else before, and gets `password-change-required`.',
  method: 'POST',
  path: '/api/v1/session/password',
  permission: 'browser-session',
  allowsGeneratedPassword: true,
  input: z.object({
    currentPassword: z.string().min(1).max(PASSWORD_CHARS.max),
    newPassword: z.string().min(PASSWORD_CHARS.min).max(PASSWORD_CHARS.max),
  }),
  output: z.object({ endedSessionCount: z.int().nonnegative() }),
})
