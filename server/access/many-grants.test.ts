import { ulid } from 'ulid'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { listGrants } from '@/lib/contract/access'
import type { Endpoint } from '@/lib/contract/endpoint'
import { joinNamespace } from '@/lib/names/identifiers'
import { MAX_NAME_CHARS, MAX_NAMESPACE_LEVELS } from '@/lib/names/name-limits'
import { deleteGrantChange } from '@/server/db/auth/grants'
import type { Change } from '@/server/db/database'
import { change } from '@/server/db/statement'
import { indexPending } from '@/server/search/index-loop'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import { requestWith } from '@/testing/contract/request-with'
import { byCases } from '@/testing/property-cases'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'

/** A user with many grants queries the database as often as a user with one; `exhaustive` tries as many as allowed. */

const home = createTestHome()
const GROUPS = 10
const GRANTS_PER_GROUP = byCases(100, 1000)
const TOTAL = GROUPS * GRANTS_PER_GROUP
let one: SignedInUser
let many: SignedInUser
let admin: SignedInUser

beforeAll(async () => {
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['ours'], properties: {} })
  for (const table of ['t0', 't1', 'hidden']) {
    await catalog.write({
      kind: 'create-table',
      table: { catalog: 'local', namespace: ['ours'], table },
      schema: ONE_COLUMN_SCHEMA,
    })
  }
  admin = await signInAs(home.services, 'admin')
  one = await signInAs(home.services, null)
  many = await signInAs(home.services, null)
  await home.database.commit([grantChange('user', one.userId, 0)])
  for (let group = 0; group < GROUPS; group += 1) {
    const groupId = `group-${group}`
    const tables = Array.from({ length: GRANTS_PER_GROUP }, (_, i) => group * GRANTS_PER_GROUP + i)
    await home.database.commit([
      groupChange(groupId),
      memberChange(groupId, many.userId),
      ...tables.map((i) => grantChange('group', groupId, i)),
    ])
  }
  while ((await indexPending(home.services, new AbortController().signal)) > 0);
})

/** Bypasses the limit of grants: counting them each time would take as long as the rest of this test. */
function grantChange(kind: 'user' | 'group', holder: string, table: number, namespace = 'ours'): Change {
  const resource = { catalog: 'local', namespace, table_name: `t${table}` }
  const row = { id: ulid(), holder_kind: kind, holder_id: holder, role: 'viewer' as const, ...resource }
  return change(({ db }) => db.insertInto('grants').values({ ...row, created_at_ms: 1, created_by: 'a test' }), {
    guards: ['access'],
  })
}

function groupChange(id: string): Change {
  const row = { id, name: id, source: 'console' as const, created_at_ms: 1, created_by: 'a test' }
  return change(({ db }) => db.insertInto('user_groups').values(row), { guards: ['access'] })
}

function memberChange(groupId: string, userId: string): Change {
  return change(({ db }) => db.insertInto('group_members').values({ group_id: groupId, user_id: userId }), {
    guards: ['access'],
  })
}

async function sendCounted(endpoint: Endpoint, fields: Record<string, string>, user: SignedInUser) {
  const { request, params } = requestWith(endpoint, fields, user.cookie)
  const handler = await loadRouteHandler(home.services, endpoint)
  const reads = vi.spyOn(home.database, 'read')
  try {
    const response = await handler(request, { params: Promise.resolve(params) })
    return { status: response.status, text: await response.text(), readCount: reads.mock.calls.length }
  } finally {
    reads.mockRestore()
  }
}

const OURS = { catalog: 'local', namespace: joinNamespace(['ours']) }

describe(`With ${TOTAL} grants`, () => {
  it.each([
    ['getSession', {}],
    ['listCatalogs', {}],
    ['listNamespaces', { catalog: 'local' }],
    ['listTables', OURS],
    ['getTable', { ...OURS, table: 't0' }],
    ['searchLake', { query: 'ours' }],
    ['listRuns', {}],
  ])('%s takes no more reads than with one', async (name, fields) => {
    const endpoint = findEndpoint(name)
    await sendCounted(endpoint, fields, many)
    const [few, all] = [await sendCounted(endpoint, fields, one), await sendCounted(endpoint, fields, many)]
    expect([few.status, all.status]).toEqual([200, 200])
    expect(all.readCount).toBeLessThanOrEqual(few.readCount)
    expect(all.text).not.toContain('hidden')
  })

  it('every grant counts, and no other table is seen', async () => {
    const session = await sendCounted(findEndpoint('getSession'), {}, many)
    expect((JSON.parse(session.text) as { grants: unknown[] }).grants).toHaveLength(TOTAL)
    const tables = await sendCounted(findEndpoint('listTables'), OURS, many)
    expect(tables.text).toMatch(/"t0".*"t1"/)
  })
})

async function listPage(fields: Record<string, string>, after: string | null) {
  const { status, text } = await sendCounted(listGrants, { ...fields, ...(after !== null && { after }) }, admin)
  expect(status).toBe(200)
  return listGrants.output.parse(JSON.parse(text))
}

describe(`A list of ${TOTAL} grants`, () => {
  it.each([
    ['of a user', () => ({ userId: many.userId }), 0],
    ['in a catalog', () => ({ catalog: 'local' }), 1],
    ['in a namespace', () => OURS, 1],
  ])('%s has each once, in their order, page after page', async (_, fields, othersCount) => {
    const found: string[] = []
    let next: string | null = null
    do {
      const page = await listPage(fields(), next)
      expect(page.grants.length).toBeGreaterThan(0)
      found.push(...page.grants.map(({ resource: on, grantId }) => `${on.table} ${grantId}`))
      next = page.next
    } while (next !== null)
    expect(found).toHaveLength(TOTAL + othersCount)
    expect(new Set(found).size).toBe(found.length)
    expect(found).toEqual(found.toSorted((a, b) => (a < b ? -1 : 1)))
  })

  it('goes on behind a grant that was removed', async () => {
    const first = await listPage(OURS, null)
    const second = await listPage(OURS, first.next)
    const last = first.grants.at(-1)
    const remove = (id: string) =>
      change(({ db }) => db.deleteFrom('grants').where('id', '=', id), { guards: ['access'] })
    await home.database.commit([remove(last?.grantId ?? '')])
    expect(await listPage(OURS, first.next)).toEqual(second)
  })

  it('goes on behind the longest namespace that there may be, unless its grant was removed', async () => {
    const { userId } = await signInAs(home.services, null)
    // Each character takes three bytes.
    const levels = Array.from({ length: MAX_NAMESPACE_LEVELS }, () => '界'.repeat(MAX_NAME_CHARS))
    const names = Array.from({ length: 201 }, (_, i) => `${1000 + i}`.padStart(MAX_NAME_CHARS, '0'))
    const grants = names.map((name) => grantChange('user', userId, 0, joinNamespace([...levels.slice(1), name])))
    await home.database.commit(grants)
    const first = await listPage({ userId }, null)
    expect(first.grants).toHaveLength(200)
    expect((await listPage({ userId }, first.next)).grants.map(({ resource: on }) => on.namespace?.at(-1))).toEqual([
      names[200],
    ])
    await home.database.commit([deleteGrantChange(first.grants.at(-1)?.grantId ?? '')])
    const { status, text } = await sendCounted(listGrants, { userId, after: first.next ?? '' }, admin)
    expect([status, text]).toEqual([400, expect.stringContaining('Read the first page again.')])
  })

  it('refuses a page after a text that is not an end of one', async () => {
    for (const after of ['x', 'W10', Buffer.from('[1,2,3,4]').toString('base64url')]) {
      expect((await sendCounted(listGrants, { ...OURS, after }, admin)).status).toBe(400)
    }
  })
})
