import type { AccessEntry, AccessRequest, Group, User } from '@/lib/contract/access'
import type { AccessGrant } from '@/lib/contract/access/shapes'
import { joinNamespace } from '@/lib/names/identifiers'
import { ROLE_PERMISSIONS } from '@/lib/permissions'

export const ADMIN_SESSION = {
  userId: 'u-admin',
  username: 'm.keller',
  role: 'admin',
  permissions: ROLE_PERMISSIONS.admin,
  grants: [],
  expiresAtMs: 1,
  hasGeneratedPassword: false,
  hasPassword: true,
}

export function sampleUser(fields: Partial<User> = {}): User {
  return {
    userId: 'u-ruiz',
    username: 'a.ruiz',
    displayName: null,
    role: null,
    disabledAtMs: null,
    createdAtMs: Date.now() - 86_400_000,
    lastSeenAtMs: null,
    isService: false,
    signInMethod: 'password',
    hasPassword: true,
    groups: [],
    tokenCount: 0,
    grantCount: 0,
    ...fields,
  }
}

export function sampleGroup(fields: Partial<Group> = {}): Group {
  return {
    groupId: 'g-finance',
    name: 'finance',
    source: 'console',
    createdAtMs: Date.now(),
    createdBy: 'm.keller',
    memberCount: 3,
    grantCount: 0,
    ...fields,
  }
}

export function sampleGrant(fields: Partial<AccessGrant> = {}): AccessGrant {
  return {
    grantId: 'grant-1',
    holder: { kind: 'user', id: 'u-ruiz', name: 'a.ruiz' },
    role: 'viewer',
    resource: { catalog: 'lake', namespace: ['finance'] },
    createdAtMs: Date.now() - 60_000,
    createdBy: 'm.keller',
    exists: null,
    ...fields,
  }
}

export function sampleAccessEntry(on: AccessEntry['resource'], fields: Partial<AccessEntry> = {}): AccessEntry {
  const kind = on.table === undefined ? (on.namespace === undefined ? 'catalog' : 'namespace') : 'table'
  return { resource: on, kind, level: 'none', grants: [], ...fields }
}

export function sampleRequest(fields: Partial<AccessRequest> = {}): AccessRequest {
  return {
    accessRequestId: 'r-1',
    userId: 'u-ruiz',
    username: 'a.ruiz',
    role: 'editor',
    resource: { catalog: 'lake', namespace: ['finance'], table: 'ledger' },
    note: 'Month end',
    createdAtMs: Date.now() - 60_000,
    state: 'open',
    decidedBy: null,
    decidedAtMs: null,
    comment: null,
    isOwn: false,
    canDecide: true,
    ...fields,
  }
}

export type ApiRequest = { method: string; path: string; query: Record<string, string>; body: unknown }

/**
 * A `fetch` that answers by method and path, such as `GET /api/v1/users`, and keeps the requests.
 *
 * @throws for a request without an answer
 */
export function answeringFetch(answers: Record<string, (request: ApiRequest) => unknown>) {
  const requests: ApiRequest[] = []
  const fetch = async (address: string, { method = 'GET', body }: { method?: string; body?: string } = {}) => {
    const { pathname, searchParams } = new URL(address, 'http://lake')
    const request = {
      method,
      path: pathname,
      query: Object.fromEntries(searchParams),
      body: body === undefined ? null : (JSON.parse(body) as unknown),
    }
    requests.push(request)
    const answer = answers[`${method} ${pathname}`]
    if (answer === undefined) throw new Error(`No answer to ${method} ${pathname}`)
    const output = answer(request)
    return output instanceof Response ? output : new Response(JSON.stringify(output, toWire))
  }
  return { fetch, requests }
}

/** A namespace is one text on the wire. */
function toWire(key: string, value: unknown): unknown {
  return key === 'namespace' && Array.isArray(value) ? joinNamespace(value as string[]) : value
}
