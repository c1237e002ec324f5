import { beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { getQuery, listQueries, removeQuery, saveQuery } from '@/lib/contract/queries'
import { searchEverything } from '@/lib/contract/search'
import { putGrantChanges } from '@/server/db/auth/grants'
import { addSavedQuery } from '@/server/db/query/saved-queries'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { DEEP_SQL, UNENDING_SQL, WIDE_SQL } from '@/testing/texts/large-sql'

/** Shared queries whose texts cannot be parsed, as other users get them. */

const home = createTestHome()
const MAX_CHARS = 100_000

let owner: SignedInUser
let admin: SignedInUser
/** Has a role on one table, so that the texts decide which queries are listed. */
let reader: SignedInUser

beforeAll(async () => {
  owner = await signInAs(home.services, 'editor')
  admin = await signInAs(home.services, 'admin')
  reader = await signInAs(home.services, null)
  const on = { catalog: 'local', namespace: ['a'], table: 't' }
  const holder = { kind: 'user', id: reader.userId } as const
  await home.database.commit(
    putGrantChanges({ grantId: 'g', holder, role: 'viewer', resource: on, createdBy: 'a test' }),
  )
})

type Call = { endpoint: Parameters<typeof loadRouteHandler>[1]; address: string; body?: unknown; query?: string }

async function call({ endpoint, address, body, query }: Call, { cookie }: SignedInUser): Promise<Response> {
  const handler = await loadRouteHandler(home.services, endpoint)
  const request = new Request(`http://test${address}`, {
    method: endpoint.method,
    headers: { cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return handler(request, { params: Promise.resolve({ ...(query !== undefined && { query }) }) })
}

let storedCount = 0

async function share(name: string, sql: string): Promise<string> {
  const form = { name, sql, isShared: true }
  const response = await call({ endpoint: saveQuery, address: '/api/v1/queries', body: form }, owner)
  expect(response.status, await response.clone().text()).toBeLessThan(300)
  return ((await response.json()) as z.input<typeof saveQuery.output>).query.queryId
}

/** Stored by an earlier version, which checked less. */
async function store(name: string, sql: string): Promise<string> {
  const queryId = `stored${(storedCount += 1)}`
  const parts = { queryId, name, sql, isShared: true, ownerId: owner.userId, ownerName: 'owner' }
  await addSavedQuery(home.database, parts)
  return queryId
}

async function listed(person: SignedInUser): Promise<string[]> {
  const response = await call({ endpoint: listQueries, address: '/api/v1/queries?limit=200' }, person)
  expect(response.status).toBe(200)
  return ((await response.json()) as z.input<typeof listQueries.output>).queries.map(({ queryId }) => queryId)
}

/** As long as the contract allows. */
function longest(build: (count: number) => string): string {
  const perPart = (build(2_000).length - build(1_000).length) / 1_000
  const sql = build(Math.floor((MAX_CHARS - 2_000) / perPart))
  return sql.length <= MAX_CHARS ? sql : build(Math.floor((MAX_CHARS - 2_000) / (perPart + 2)))
}

describe('A shared query whose text cannot be read', () => {
  let readable: string
  const unreadable = new Map<string, string>()

  beforeAll(async () => {
    readable = await share('readable', 'select * from a.t')
    for (const [name, build] of Object.entries(DEEP_SQL)) unreadable.set(name, await share(name, longest(build)))
    for (const [name, build] of Object.entries(DEEP_SQL))
      unreadable.set(`stored ${name}`, await store(name, build(5_000)))
    for (const [name, build] of Object.entries(UNENDING_SQL))
      unreadable.set(`wide ${name}`, await store(`wide ${name}`, build(30_000)))
    for (const name of ['values', 'negations', 'parts of a name', 'words of DESCRIBE'])
      unreadable.set(`wide ${name}`, await store(`wide ${name}`, WIDE_SQL[name]?.(100_001) ?? ''))
  })

  it('does not break any user’s list of queries, and is shown to users who may read everything', async () => {
    expect(await listed(reader)).toContain(readable)
    const all = await listed(admin)
    expect(all).toEqual(expect.arrayContaining([readable, ...unreadable.values()]))
  })

  it('is not disclosed to users who may not read everything', async () => {
    const shown = await listed(reader)
    expect([...unreadable].filter(([, queryId]) => shown.includes(queryId)).map(([name]) => name)).toEqual([
      // These can be read, and name the one table that the user may read.
      'wide comments that end',
      'wide tags of dollars',
      'wide a number',
      'wide a comment of dashes',
    ])
    for (const queryId of unreadable.values()) {
      if (shown.includes(queryId)) continue
      const address = `/api/v1/queries/${queryId}`
      expect((await call({ endpoint: getQuery, address, query: queryId }, reader)).status).toBe(404)
    }
  })

  it('does not fail a search', async () => {
    const address = '/api/v1/search?query=readable'
    for (const person of [reader, owner, admin]) {
      const response = await call({ endpoint: searchEverything, address }, person)
      expect(response.status).toBe(200)
      const { queries } = (await response.json()) as z.input<typeof searchEverything.output>
      expect(queries.map(({ queryId }) => queryId)).toContain(readable)
    }
  })

  it('is opened by its owner, and removed by an admin', async () => {
    for (const queryId of unreadable.values()) {
      const address = `/api/v1/queries/${queryId}`
      expect((await call({ endpoint: getQuery, address, query: queryId }, owner)).status).toBe(200)
      expect((await call({ endpoint: removeQuery, address, query: queryId }, admin)).status).toBeLessThan(300)
    }
    expect(await listed(admin)).toEqual([readable])
  })
})
