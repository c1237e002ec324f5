import * as z from 'zod'
import { endpoint } from '../endpoint'
import { contractSchemas } from '../shapes/schemas'
import { count, instantMs } from '../shapes/wire'
import { id, role } from './shapes'

const displayName = z.string().trim().min(1).max(100)

const user = z
  .object({
    userId: z.string(),
    username: z.string(),
    displayName: z.string().nullable(),
    /** The role on everything; null: only grants count. */
    role: role.nullable(),
    /** Null: the user may sign in. */
    disabledAtMs: instantMs.nullable(),
    createdAtMs: instantMs,
    /** When the user last signed in or used a token, whichever was later; null: never. */
    lastSeenAtMs: instantMs.nullable(),
    /** Whether it is a service account: it never signs in, and only its tokens are used. */
    isService: z.boolean(),
    signInMethod: z.union([z.enum(['password', 'none']), z.object({ provider: z.string(), subject: z.string() })]),
    /** Whether the user has a password here, perhaps in addition to an identity provider. */
    hasPassword: z.boolean(),
    /** In order of their names. */
    groups: z.array(z.object({ groupId: z.string(), name: z.string() })).max(1000),
    /** Active tokens. */
    tokenCount: count,
    /** Grants that name this user. */
    grantCount: count,
  })
  .register(contractSchemas, { id: 'User' })
export type User = z.output<typeof user>

export const listUsers = endpoint({
  summary: 'Lists the users, in order of their names; the user whose whole name is the query is first',
  method: 'GET',
  path: '/api/v1/users',
  permission: 'console:admin',
  input: z.object({
    /** A part of the name or the displayed name. */
    query: z.string().min(1).max(100).optional(),
    /** Only users who are not members of this group. */
    notInGroup: id.optional(),
    /** The `next` of a page. */
    after: z.string().min(1).max(64).optional(),
  }),
  output: z.object({ users: z.array(user).max(200), next: z.string().nullable() }),
})

export const getUser = endpoint({
  summary: 'Returns a user',
  method: 'GET',
  path: '/api/v1/users/:userId',
  permission: 'console:admin',
  input: z.object({ userId: id }),
  output: user,
})

export const addUser = endpoint({
  summary: 'Adds a user with a generated password, or a service account',
  description:
    'For admins. `password` is not returned again. The user has to change it when they first sign in, before anything else. A service account never signs in: `password` is null, and admins create its tokens.',
  method: 'POST',
  path: '/api/v1/users',
  permission: 'browser-session',
  input: z.object({
    username: z
      .string()
      .regex(
        /^[A-Za-z0-9][\w.@-]{0,63}$/,
        '1 to 64 letters, digits and . _ @ -, of which the first is a letter or a digit',
      ),
    displayName: displayName.nullable().optional(),
    role: role.nullable(),
    isService: z.boolean().optional(),
  }),
  output: z.object({ user, password: z.string().nullable() }),
})

export const changeUser = endpoint({
  summary: 'Changes the role on everything, the displayed name, or whether a user may sign in',
  description:
    'For admins. Omitted fields stay unchanged. Disabling ends the user’s sessions and refuses their tokens. The last admin who may sign in stays one.',
  method: 'PUT',
  path: '/api/v1/users/:userId',
  permission: 'browser-session',
  input: z.object({
    userId: id,
    role: role.nullable().optional(),
    isDisabled: z.boolean().optional(),
    displayName: displayName.nullable().optional(),
  }),
  output: user,
})

export const resetPassword = endpoint({
  summary: 'Replaces the password of a user with a generated one and ends their sessions',
  description:
    'For admins. `password` is not returned again. The user has to change it when they sign in. Until then their tokens are refused, unless the user signs in with an identity provider.',
  method: 'POST',
  path: '/api/v1/users/:userId/password',
  permission: 'browser-session',
  input: z.object({ userId: id }),
  output: z.object({ password: z.string(), endedSessionCount: count }),
})

export const linkIdentity = endpoint({
  summary: 'Links a user to a subject of the identity provider, in place of the linked one',
  description:
    'For admins, and not for their own user. `subject` is the claim `sub`. The user’s sessions end; the password, if there is one, keeps working.',
  method: 'PUT',
  path: '/api/v1/users/:userId/identity',
  permission: 'browser-session',
  input: z.object({ userId: id, subject: z.string().min(1).max(255) }),
  output: user,
})

export const unlinkIdentity = endpoint({
  summary: 'Unlinks a user from the identity provider and ends their sessions',
  description: 'For admins, and not for their own user. Without a password the user can then no longer sign in.',
  method: 'DELETE',
  path: '/api/v1/users/:userId/identity',
  permission: 'browser-session',
  input: z.object({ userId: id }),
  output: user,
})

export const removeUser = endpoint({
  summary: 'Removes a user with their sessions, tokens, grants and private queries',
  description: 'Their audit entries stay. The last admin who may sign in cannot be removed.',
  method: 'DELETE',
  path: '/api/v1/users/:userId',
  permission: 'console:admin',
  input: z.object({ userId: id }),
  output: z.object({}),
})
