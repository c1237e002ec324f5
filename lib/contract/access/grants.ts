import * as z from 'zod'
import { PERMISSIONS } from '@/lib/permissions'
import { endpoint } from '../endpoint'
import { EVERYTHING, grant, holder, id, resource, resourceFields, role, withResource } from './shapes'

/** The `next` of a page. */
const cursor = z.string().min(1).max(1000).optional()
/** Null on the last page. */
const next = z.string().nullable()

/** Longer names would not fit into the head of a request: a page that ends at them goes on behind its last grant. */
export const MAX_GRANT_CURSOR_CHARS = 8_000

export const listGrants = endpoint({
  summary: 'Lists the grants of a user, a group or everyone, or the grants on a resource and in it',
  description:
    'Grants of a user include those of their groups and of everyone, and their role on everything, which is on the first page. An admin of a namespace or a table can list those on it. `next` continues as `after`.',
  method: 'GET',
  path: '/api/v1/grants',
  permission: 'access:manage',
  resources: ({ userId, groupId, everyone, catalog, namespace, table }) =>
    userId !== undefined || groupId !== undefined || everyone !== undefined
      ? [{}]
      : [{ ...(catalog && { catalog }), ...(namespace && { namespace }), ...(table && { table }) }],
  input: withResource({
    userId: id.optional(),
    groupId: id.optional(),
    /** Whether to list the grants of everyone. */
    everyone: z.literal('true').optional(),
    /** The `next` of a page. It has the names of a grant's resource, unless they are long. */
    after: z.string().min(1).max(MAX_GRANT_CURSOR_CHARS).optional(),
  }),
  output: z.object({
    /** Widest resource first, then by name. */
    grants: z.array(grant).max(201),
    next,
  }),
})

export const addGrant = endpoint({
  summary: 'Gives a user, a group or everyone a role on a resource',
  description:
    'A holder has one role on a resource: another one replaces it. The resource need not exist. The role on everything is a field of the user. `table` may also name a view.',
  method: 'POST',
  path: '/api/v1/grants',
  permission: 'access:manage',
  input: withResource({
    holder: z.object({ kind: z.enum(['user', 'group', 'everyone']), id: id.optional() }),
    role,
  }),
  output: grant,
})

export const removeGrant = endpoint({
  summary: 'Removes a grant',
  description: 'Takes effect with the next request. A grant that the caller may not manage appears not to exist.',
  method: 'DELETE',
  path: '/api/v1/grants/:grantId',
  permission: 'signed-in',
  input: z.object({ grantId: id }),
  output: z.object({}),
})

export const listGrantHolders = endpoint({
  summary: 'Finds users and groups by name, for a grant on a resource',
  method: 'GET',
  path: '/api/v1/grant-holders',
  permission: 'access:manage',
  input: withResource({ query: z.string().max(100).optional() }),
  output: z.object({ holders: z.array(holder).max(50), isTruncated: z.boolean() }),
})

/**
 * Levels of access to a resource, from least to most. `inside`: the user sees the resource only because of something in
 * it.
 */
export const ACCESS_LEVELS = ['none', 'inside', 'read', 'write', 'admin'] as const

const accessEntry = z.object({
  resource,
  kind: z.enum(['catalog', 'namespace', 'table', 'view']),
  level: z.enum(ACCESS_LEVELS),
  /** The grants that give this level; for `inside`, some of the grants further inside. */
  grants: z.array(grant).max(20),
})

export const getEffectiveAccess = endpoint({
  summary: 'Returns the access of a user to each part of a catalog or a namespace, and the grants it comes from',
  description:
    'Without a resource: the catalogs. With a table: the table alone. Namespaces come first, then tables, then views, each in order of their names. `next` continues as `after`.',
  method: 'GET',
  path: '/api/v1/users/:userId/effective-access',
  permission: 'console:admin',
  resources: EVERYTHING,
  input: withResource({ userId: id, after: cursor }),
  output: z.object({ entries: z.array(accessEntry).max(500), next }),
})
export type AccessEntry = z.output<typeof accessEntry>

export const checkPermission = endpoint({
  summary: 'Returns whether a user has a permission, and the grants it comes from',
  description:
    'Decides with the function that the server calls for each request. A blocker forbids the operation although the user has the permission: the user is disabled, or the table is protected.',
  method: 'POST',
  path: '/api/v1/users/:userId/permission-check',
  permission: 'console:admin',
  resources: EVERYTHING,
  input: withResource({ userId: id, permission: z.enum(PERMISSIONS) }),
  output: z.object({
    isAllowed: z.boolean(),
    grants: z.array(grant).max(100),
    blockers: z.array(z.string()).max(10),
  }),
})

export const listAccess = endpoint({
  summary: 'Lists the users with access to a resource and their level, in order of their names',
  description:
    'For admins of the resource. A page reads up to 1,000 users and leaves out users without a role, so it can be empty although others follow. `next` continues as `after`.',
  method: 'GET',
  path: '/api/v1/access',
  permission: 'access:manage',
  input: z.object({ ...resourceFields, after: cursor }),
  output: z.object({
    users: z
      .array(
        z.object({
          userId: z.string(),
          username: z.string(),
          displayName: z.string().nullable(),
          isDisabled: z.boolean(),
          role,
          grants: z.array(grant).max(20),
        }),
      )
      .max(1000),
    next,
  }),
})
