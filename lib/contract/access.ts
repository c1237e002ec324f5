import { z } from 'zod'
import { PERMISSIONS, ROLES } from '@/lib/permissions'
import { endpoint } from './endpoint'
import { contractSchemas } from './shapes/schemas'
import { count, instantMs, namespaceOnWire } from './shapes/wire'

/** Everything, a catalog, a namespace with all below it, or a table or view. */
const resource = z.object({
  catalog: z.string().min(1).exactOptional(),
  namespace: namespaceOnWire.exactOptional(),
  table: z.string().min(1).exactOptional(),
})
const role = z.enum(ROLES)
const id = z.string().min(1).max(64)
/** Where a page ended, and where the next one begins. */
const after = z.string().max(500).optional()
const next = z.string().nullable()
const word = z.string().max(1_000)

const user = z
  .object({
    userId: z.string(),
    username: z.string(),
    displayName: z.string().nullable(),
    /** On everything; null: only grants count. */
    role: role.nullable(),
    disabledAtMs: instantMs.nullable(),
    createdAtMs: instantMs,
    lastSeenAtMs: instantMs.nullable(),
    signsInBy: z.union([z.literal('password'), z.object({ provider: z.string() })]),
    groups: z.array(z.object({ groupId: z.string(), name: z.string() })),
    tokenCount: count,
  })
  .register(contractSchemas, { id: 'User' })
export type User = z.output<typeof user>

const group = z
  .object({
    groupId: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    /** The members of a group from a provider, and of `everyone`, cannot be changed. */
    source: z.enum(['console', 'provider', 'everyone']),
    memberCount: count,
    createdAtMs: instantMs,
  })
  .register(contractSchemas, { id: 'Group' })
export type Group = z.output<typeof group>

const holder = z.object({ kind: z.enum(['user', 'group', 'everyone']), id: z.string(), name: z.string() })
export type GrantHolder = z.output<typeof holder>

const grant = z
  .object({
    grantId: z.string(),
    holder,
    role,
    on: resource,
    createdAtMs: instantMs,
    createdBy: z.string(),
  })
  .register(contractSchemas, { id: 'Grant' })
export type AccessGrant = z.output<typeof grant>

const reasons = {
  may: z.object({
    see: z.boolean(),
    read: z.boolean(),
    write: z.boolean(),
    maintain: z.boolean(),
    admin: z.boolean(),
  }),
  /** Whether it is seen only because of what is granted inside. */
  isSeenForInside: z.boolean(),
  becauseOf: z.array(z.object({ grant })),
}

const effectiveAccess = z.object({ on: resource, ...reasons })
export type EffectiveAccess = z.output<typeof effectiveAccess>

const personAccess = z.object({ userId: z.string(), username: z.string(), ...reasons })
export type PersonAccess = z.output<typeof personAccess>

const accessRequest = z
  .object({
    requestId: z.string(),
    requestedBy: z.object({ id: z.string(), name: z.string() }),
    on: resource,
    role,
    note: z.string(),
    state: z.enum(['open', 'granted', 'refused']),
    createdAtMs: instantMs,
    settledAtMs: instantMs.nullable(),
    settledBy: z.string().nullable(),
    word: z.string().nullable(),
  })
  .register(contractSchemas, { id: 'AccessRequest' })
export type AccessRequest = z.output<typeof accessRequest>

const userInput = z.object({ userId: id })
const groupInput = z.object({ groupId: id })
const memberInput = groupInput.extend(userInput.shape)
const groupText = { name: z.string().min(1).max(64), description: z.string().max(500).nullable() }

export const listUsers = endpoint({
  summary: 'Lists users by name, in pages of up to 200',
  method: 'GET',
  path: '/api/v1/users',
  permission: 'console:admin',
  input: z.object({ words: z.string().max(200).optional(), groupId: id.optional(), after }),
  output: z.object({ users: z.array(user).max(200), next }),
})

export const getUser = endpoint({
  summary: 'Returns a user',
  method: 'GET',
  path: '/api/v1/users/:userId',
  permission: 'console:admin',
  input: userInput,
  output: z.object({ user }),
})

export const createUser = endpoint({
  summary: 'Creates a user with a one-time password, which is returned once',
  method: 'POST',
  path: '/api/v1/users',
  permission: 'console:admin',
  input: z.object({ username: z.string().min(1).max(64), role: role.nullable() }),
  output: z.object({ user, password: z.string() }),
})

export const changeUser = endpoint({
  summary: 'Changes the role on everything or the name of a user, or disables or enables them',
  method: 'PUT',
  path: '/api/v1/users/:userId',
  permission: 'console:admin',
  input: userInput.extend({
    role: role.nullable().optional(),
    displayName: z.string().max(200).nullable().optional(),
    isDisabled: z.boolean().optional(),
  }),
  output: z.object({ user }),
})

export const resetPassword = endpoint({
  summary: 'Replaces the password of a user by a one-time password, which is returned once',
  method: 'POST',
  path: '/api/v1/users/:userId/password',
  permission: 'console:admin',
  input: userInput,
  output: z.object({ password: z.string() }),
})

export const removeUser = endpoint({
  summary: 'Removes a user with their sessions, tokens and grants',
  method: 'DELETE',
  path: '/api/v1/users/:userId',
  permission: 'console:admin',
  input: userInput,
  output: z.object({}),
})

export const listGroups = endpoint({
  summary: 'Lists all groups by name',
  method: 'GET',
  path: '/api/v1/groups',
  permission: 'console:admin',
  input: z.object({}),
  output: z.object({ groups: z.array(group).max(1_000) }),
})

export const createGroup = endpoint({
  summary: 'Creates a group',
  method: 'POST',
  path: '/api/v1/groups',
  permission: 'console:admin',
  input: z.object(groupText),
  output: z.object({ group }),
})

export const changeGroup = endpoint({
  summary: 'Changes the name and the description of a group',
  method: 'PUT',
  path: '/api/v1/groups/:groupId',
  permission: 'console:admin',
  input: groupInput.extend(groupText),
  output: z.object({ group }),
})

export const removeGroup = endpoint({
  summary: 'Removes a group with its grants',
  method: 'DELETE',
  path: '/api/v1/groups/:groupId',
  permission: 'console:admin',
  input: groupInput,
  output: z.object({}),
})

export const addGroupMember = endpoint({
  summary: 'Adds a user to a group',
  method: 'PUT',
  path: '/api/v1/groups/:groupId/members/:userId',
  permission: 'console:admin',
  input: memberInput,
  output: z.object({}),
})

export const removeGroupMember = endpoint({
  summary: 'Removes a user from a group',
  method: 'DELETE',
  path: '/api/v1/groups/:groupId/members/:userId',
  permission: 'console:admin',
  input: memberInput,
  output: z.object({}),
})

export const listGrants = endpoint({
  summary: 'Lists the grants of a group, or of a user with those of their groups and of everyone',
  method: 'GET',
  path: '/api/v1/grants',
  permission: 'console:admin',
  input: z.object({ userId: id.optional(), groupId: id.optional() }),
  output: z.object({ grants: z.array(grant).max(1_000) }),
})

export const addGrant = endpoint({
  summary: 'Grants a role on a resource to a user, a group or everyone',
  method: 'POST',
  path: '/api/v1/grants',
  permission: 'console:admin',
  input: z.object({ holder: holder.omit({ name: true }), role, on: resource }),
  output: z.object({ grant }),
})

export const removeGrant = endpoint({
  summary: 'Removes a grant',
  method: 'DELETE',
  path: '/api/v1/grants/:grantId',
  permission: 'console:admin',
  input: z.object({ grantId: id }),
  output: z.object({}),
})

export const getEffectiveAccess = endpoint({
  summary: 'Returns what a user may do with each of what is directly in a resource, and why',
  method: 'GET',
  path: '/api/v1/users/:userId/effective-access',
  permission: 'console:admin',
  resources: () => [{}],
  input: userInput.extend(resource.omit({ table: true }).shape).extend({ after }),
  output: z.object({ entries: z.array(effectiveAccess).max(200), next }),
})

export const checkPermission = endpoint({
  summary: 'Checks whether a user has a permission on a resource, and says why',
  method: 'POST',
  path: '/api/v1/users/:userId/permission-check',
  permission: 'console:admin',
  input: userInput.extend({ permission: z.enum(PERMISSIONS), on: resource }),
  output: z.object({
    isAllowed: z.boolean(),
    becauseOf: reasons.becauseOf,
    /** What stands in the way although the permission is there, as sentences. */
    obstacles: z.array(z.string()),
  }),
})

export const listAccess = endpoint({
  summary: 'Lists the users who may see a resource, with what they may do there, and why',
  method: 'GET',
  path: '/api/v1/access',
  permission: 'console:admin',
  input: resource.extend({ after }),
  output: z.object({ people: z.array(personAccess).max(200), next }),
})

export const requestAccess = endpoint({
  summary: 'Requests a role on a resource for the caller',
  method: 'POST',
  path: '/api/v1/access-requests',
  permission: 'browser-session',
  input: z.object({ on: resource, role, note: word }),
  output: z.object({ request: accessRequest }),
})

export const listAccessRequests = endpoint({
  summary: 'Lists the caller’s requests for access, or for admins all that are open',
  method: 'GET',
  path: '/api/v1/access-requests',
  permission: 'signed-in',
  input: z.object({ scope: z.enum(['own', 'open']).optional() }),
  output: z.object({ requests: z.array(accessRequest).max(500) }),
})

export const settleAccessRequest = endpoint({
  summary: 'Grants or refuses a request for access',
  method: 'POST',
  path: '/api/v1/access-requests/:requestId/settle',
  permission: 'console:admin',
  input: z.object({ requestId: id, isGranted: z.boolean(), word }),
  output: z.object({ request: accessRequest }),
})
