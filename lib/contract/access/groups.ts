import * as z from 'zod'
import { endpoint } from '../endpoint'
import { contractSchemas } from '../shapes/schemas'
import { count, instantMs } from '../shapes/wire'
import { id } from './shapes'

const name = z
  .string()
  .regex(/^[^\s\p{C}](?:[^\p{C}\u2028\u2029]{0,98}[^\s\p{C}])?$/u, 'one line of 1 to 100 characters')

const group = z
  .object({
    groupId: z.string(),
    name: z.string(),
    /** `provider`: its members come from an identity provider and cannot be changed here. */
    source: z.enum(['console', 'provider']),
    createdAtMs: instantMs,
    createdBy: z.string(),
    memberCount: count,
    grantCount: count,
  })
  .register(contractSchemas, { id: 'Group' })
export type Group = z.output<typeof group>

const groupInput = z.object({ groupId: id })

export const listGroups = endpoint({
  summary: 'Lists the groups, in order of their names',
  description: 'There are 1,000 at most. Everyone is a group too, which is not listed: all users are in it.',
  method: 'GET',
  path: '/api/v1/groups',
  permission: 'console:admin',
  input: z.object({}),
  output: z.object({ groups: z.array(group).max(1000) }),
})

export const getGroup = endpoint({
  summary: 'Returns a group',
  method: 'GET',
  path: '/api/v1/groups/:groupId',
  permission: 'console:admin',
  input: groupInput,
  output: z.object({ group }),
})

export const listGroupMembers = endpoint({
  summary: 'Lists the members of a group, in order of their names',
  description: '`next` continues as `after`.',
  method: 'GET',
  path: '/api/v1/groups/:groupId/members',
  permission: 'console:admin',
  input: groupInput.extend({
    /** The `next` of a page. */
    after: z.string().min(1).max(64).optional(),
  }),
  output: z.object({
    members: z
      .array(z.object({ userId: z.string(), username: z.string(), displayName: z.string().nullable() }))
      .max(200),
    /** Null on the last page. */
    next: z.string().nullable(),
  }),
})

export const addGroup = endpoint({
  summary: 'Adds a group without members',
  method: 'POST',
  path: '/api/v1/groups',
  permission: 'console:admin',
  input: z.object({ name }),
  output: group,
})

export const renameGroup = endpoint({
  summary: 'Renames a group',
  description: 'A group of an identity provider has the name that the provider gives it.',
  method: 'PUT',
  path: '/api/v1/groups/:groupId',
  permission: 'console:admin',
  input: groupInput.extend({ name }),
  output: group,
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
  input: groupInput.extend({ userId: id }),
  output: z.object({}),
})

export const removeGroupMember = endpoint({
  summary: 'Removes a user from a group',
  method: 'DELETE',
  path: '/api/v1/groups/:groupId/members/:userId',
  permission: 'console:admin',
  input: groupInput.extend({ userId: id }),
  output: z.object({}),
})
