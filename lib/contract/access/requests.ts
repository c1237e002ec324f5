import * as z from 'zod'
import { endpoint } from '../endpoint'
import { contractSchemas } from '../shapes/schemas'
import { instantMs } from '../shapes/wire'
import { id, resource, role, withResource } from './shapes'

const accessRequest = z
  .object({
    accessRequestId: z.string(),
    userId: z.string(),
    username: z.string(),
    role,
    resource,
    note: z.string(),
    createdAtMs: instantMs,
    state: z.enum(['open', 'granted', 'refused', 'withdrawn']),
    decidedBy: z.string().nullable(),
    decidedAtMs: instantMs.nullable(),
    /** The comment of the admin who decided. */
    comment: z.string().nullable(),
    /** Whether the caller made it. */
    isOwn: z.boolean(),
    /** Whether the caller can decide it. */
    canDecide: z.boolean(),
  })
  .register(contractSchemas, { id: 'AccessRequest' })
export type AccessRequest = z.output<typeof accessRequest>

export const requestAccess = endpoint({
  summary: 'Requests a role on a resource',
  description:
    'The resource need not exist: the response is the same. A user has 20 open requests at most, and one for a resource.',
  method: 'POST',
  path: '/api/v1/access-requests',
  permission: 'browser-session',
  input: withResource({ role, note: z.string().max(1000) }),
  output: accessRequest,
})

export const listAccessRequests = endpoint({
  summary: 'Lists the caller’s own requests for access, and the open ones that the caller can decide, newest first',
  method: 'GET',
  path: '/api/v1/access-requests',
  permission: 'signed-in',
  input: z.object({}),
  output: z.object({ requests: z.array(accessRequest).max(200), isTruncated: z.boolean() }),
})

export const findMissingRequested = endpoint({
  summary: 'Finds the open requests that the caller can decide and whose resource does not exist',
  description:
    'Leaves out the caller’s own requests. When a catalog does not answer, its resources do not count as missing.',
  method: 'GET',
  path: '/api/v1/access-requests/missing',
  permission: 'signed-in',
  input: z.object({}),
  output: z.object({ accessRequestIds: z.array(z.string()).max(200) }),
})

export const decideAccessRequest = endpoint({
  summary: 'Grants or refuses a request for access, or withdraws the caller’s own',
  description: 'Granting adds the grant and closes the request in one transaction.',
  method: 'POST',
  path: '/api/v1/access-requests/:accessRequestId/decision',
  permission: 'signed-in',
  input: z.object({
    accessRequestId: id,
    outcome: z.enum(['granted', 'refused', 'withdrawn']),
    comment: z.string().max(1000).nullable(),
  }),
  output: accessRequest,
})
