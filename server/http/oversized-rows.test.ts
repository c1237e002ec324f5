import { beforeAll, describe, expect, it } from 'vitest'
import type { Endpoint } from '@/lib/contract/endpoint'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { listGrants } from '@/lib/contract/access/grants'
import { listAccessRequests, decideAccessRequest } from '@/lib/contract/access/requests'
import { listAuditEntries } from '@/lib/contract/audit'
import { listRuns } from '@/lib/contract/jobs'
import { listQueries } from '@/lib/contract/queries'
import { listTokens } from '@/lib/contract/tokens'
import { joinNamespace } from '@/lib/names/identifiers'
import type { Role } from '@/lib/permissions'
import { requestWith } from '@/testing/contract/request-with'
import { sampleInput } from '@/testing/contract/sample-input'
import { createRestClient } from '@/testing/catalogs/rest-client'
import { rawChange } from '@/testing/databases/test-sql'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { requestAccess } from '@/server/access/access-requests'
import { actorFor } from '@/server/auth/actor'
import { issueToken } from '@/server/auth/tokens/tokens'
import { auditChange } from '@/server/db/audit'
import { MAX_OPEN_REQUESTS } from '@/server/db/auth/access-requests'
import {
  listGrants as listStoredGrants,
  MAX_GRANTS_PER_HOLDER,
  putGrantChanges,
  readGrantsOf,
  readRoleGrants,
} from '@/server/db/auth/grants'
import { MAX_LIVE_TOKENS } from '@/server/db/auth/tokens'
import { findUser } from '@/server/db/auth/users'
import { queueRun } from '@/server/db/jobs/runs'
import { saveQuery } from '@/server/query/saved-queries'

/** Rows that name more levels than a request may, from before there were limits, fail no list and give no permission. */

const home = createTestHome()
const LEVELS = Array.from({ length: 60_000 }, () => 'a')
const DEEP = joinNamespace(LEVELS)
/** One level too many, with few characters. */
const TOO_DEEP = joinNamespace(LEVELS.slice(0, 101))
const DEEPEST = joinNamespace(LEVELS.slice(0, 100))

/** Readers of everything, of the namespace around the large ones, and of one table. */
const readers = new Map<string, SignedInUser>()
let requester: SignedInUser
let engineToken: string

async function userOf({ userId }: SignedInUser) {
  const user = await findUser(home.database, userId)
  if (!user) throw new Error('no such user')
  return user
}

const setNamespace = (table: string, id: string, namespace: string) =>
  home.database.commit([rawChange(`UPDATE ${table} SET namespace = ? WHERE id = ?`, [namespace, id], 1)])

beforeAll(async () => {
  const give = async (user: SignedInUser, grantId: string, role: Role, resource: object) => {
    const holder = { kind: 'user', id: user.userId } as const
    await home.database.commit(putGrantChanges({ grantId, holder, role, resource, createdBy: 'a test' }))
  }
  const [admin, namespaceAdmin, viewer] = [
    await signInAs(home.services, 'admin'),
    await signInAs(home.services, null),
    await signInAs(home.services, null),
  ]
  await give(namespaceAdmin, 'of a', 'admin', { catalog: 'local', namespace: ['a'] })
  await give(viewer, 'of t', 'viewer', { catalog: 'local', namespace: ['ours'], table: 't' })
  readers
    .set('an admin', admin)
    .set('an admin of the namespace around it', namespaceAdmin)
    .set('a viewer of a table', viewer)
  requester = await signInAs(home.services, 'editor')
  const owner = await userOf(requester)
  const context = { actor: actorFor(owner), requestId: null }

  for (const [i, namespace] of [DEEP, TOO_DEEP, DEEPEST].entries()) {
    const on = { catalog: 'local', namespace: ['a', `${i}`] }
    const { accessRequestId } = await requestAccess(
      home.database,
      { role: 'viewer', resource: on, note: `${i}` },
      context,
    )
    await setNamespace('access_requests', accessRequestId, namespace)
    await give(viewer, `large ${i}`, 'viewer', on)
    await setNamespace('grants', `large ${i}`, namespace)
  }
  const namespace = { catalog: 'local', namespace: LEVELS }
  const entry = { ...context, via: null, action: 'deep', namespace, before: null, after: null }
  await home.database.commit([auditChange(entry)])
  const { userId, username } = requester
  const table = { catalog: 'local', namespace: ['a'], table: 't' }
  const run = { kind: 'ingest', title: 'Load', spec: {}, actor: { userId, username, role: 'editor' as const }, table }
  await setNamespace('runs', await queueRun(home.database, run), DEEP)
  const form = { owner, name: 'deep', role: 'editor', days: 1 } as const
  const { text, token } = await issueToken(
    home.database,
    { ...form, on: table },
    { actor: context.actor, requestId: null },
  )
  engineToken = text
  await setNamespace('tokens', token.tokenId, DEEP)
  await issueToken(home.database, { ...form, name: 'small' }, { actor: context.actor, requestId: null })
  const share = (name: string, sql: string) => saveQuery(home.services, context.actor, { name, sql, isShared: true })
  await share('Deep', `select * from ${LEVELS.slice(0, 49_000).join('.')}.b`)
  await share('Long', `select * from a.${'x'.repeat(256)}`)
  await share('Ours', 'select * from ours.t')
})

async function send(endpoint: Endpoint, fields: Record<string, unknown>, { cookie }: SignedInUser) {
  const { params, request } = requestWith(endpoint, { ...sampleInput(endpoint.input), ...fields }, cookie)
  const response = await (await loadRouteHandler(home.services, endpoint))(request, { params: Promise.resolve(params) })
  return { status: response.status, text: await response.text() }
}

const READS = ENDPOINTS.filter(({ endpoint }) => endpoint.method === 'GET' && typeof endpoint.output !== 'string')

describe('Rows with names that are too large', () => {
  it.each(READS)('fail no $name', async ({ name, endpoint }) => {
    const query = Object.hasOwn(endpoint.input.shape, 'query') ? { query: 'a' } : {}
    for (const [who, reader] of readers) {
      const { status } = await send(endpoint, query, reader)
      expect([who, name, status]).not.toEqual([who, name, 500])
    }
  })

  it('are left out of requests for access, grants and tokens, and the others stay', async () => {
    const reader = readers.get('an admin')
    if (!reader) throw new Error('no admin')
    const { requests } = listAccessRequests.output.parse(JSON.parse((await send(listAccessRequests, {}, reader)).text))
    expect(requests.map(({ note, resource: on }) => [note, on.namespace?.length])).toEqual([['2', 100]])
    const { grants } = listGrants.output.parse(JSON.parse((await send(listGrants, { catalog: 'local' }, reader)).text))
    expect(new Set(grants.map(({ grantId }) => grantId))).toEqual(new Set(['large 2', 'of a', 'of t']))
    const { tokens } = listTokens.output.parse(JSON.parse((await send(listTokens, { user: '*' }, reader)).text))
    expect(tokens.map(({ name }) => name)).toEqual(['small'])
  })

  it('cannot be granted, and give nothing', async () => {
    const viewer = readers.get('a viewer of a table')
    const admin = readers.get('an admin')
    if (!viewer || !admin) throw new Error('no readers')
    const settle = { accessRequestId: 'a', outcome: 'granted', comment: null }
    expect((await send(decideAccessRequest, settle, admin)).status).toBe(404)
    const ofViewer = await readRoleGrants(home.database, viewer.userId)
    expect(new Set(ofViewer.map(({ resource: on }) => on.namespace?.length))).toEqual(new Set([1, 100]))
    expect((await readGrantsOf(home.database, [viewer.userId])).get(viewer.userId)).toHaveLength(2)
    expect(await listStoredGrants(home.database, { userId: viewer.userId }, 9)).toHaveLength(2)
    const engine = createRestClient(home.services, engineToken)
    expect(await engine('GET', 'local/namespaces')).toMatchObject({ status: 401 })
  })

  it('are in the audit and in runs with as much of their names as anything may have', async () => {
    const admin = readers.get('an admin')
    if (!admin) throw new Error('no admin')
    const { entries } = listAuditEntries.output.parse(JSON.parse((await send(listAuditEntries, {}, admin)).text))
    const deep = entries.filter(({ action }) => action === 'deep')
    expect(deep.map(({ namespace }) => namespace?.namespace.length)).toEqual([100])
    const { runs } = listRuns.output.parse(JSON.parse((await send(listRuns, {}, admin)).text))
    expect(runs).toHaveLength(1)
  })

  it('hide a shared query from those who may not read everything, and no other', async () => {
    const namesFor = async (who: string) => {
      const reader = readers.get(who)
      if (!reader) throw new Error(who)
      const { queries } = listQueries.output.parse(JSON.parse((await send(listQueries, {}, reader)).text))
      return queries.map(({ name }) => name).sort()
    }
    expect(await namesFor('an admin')).toEqual(['Deep', 'Long', 'Ours'])
    expect(await namesFor('an admin of the namespace around it')).toEqual([])
    expect(await namesFor('a viewer of a table')).toEqual(['Ours'])
  })

  it('count towards no limit of their user, who can neither revoke nor withdraw them', async () => {
    const user = await signInAs(home.services, 'editor')
    const owner = await userOf(user)
    const context = { actor: actorFor(owner), requestId: null }
    const on = (name: string) => ({ catalog: 'local', namespace: [name] })
    const issue = (name: string) =>
      issueToken(home.database, { owner, name, role: 'viewer', days: 1, on: on(name) }, context)
    const request = (name: string) =>
      requestAccess(home.database, { role: 'viewer', resource: on(name), note: name }, context)
    const holder = { kind: 'user', id: user.userId } as const
    const grant = (name: string) =>
      home.database.commit(
        putGrantChanges({ grantId: name, holder, role: 'viewer', resource: on(name), createdBy: 'a test' }),
      )
    const fill = async (add: (name: string) => Promise<unknown>, max: number, prefix: string) => {
      for (let i = 0; i < max; i += 1) await add(`${prefix}${i}`)
      await expect(add(`${prefix}more`)).rejects.toThrow(/at most|already|changed 0 rows/)
    }
    const enlarge = (table: string, column: string) =>
      home.database.commit([
        rawChange(`UPDATE ${table} SET namespace = ? || namespace WHERE ${column} = ?`, [TOO_DEEP, user.userId]),
      ])
    await fill(issue, MAX_LIVE_TOKENS, 'token')
    await fill(request, MAX_OPEN_REQUESTS, 'request')
    await fill(grant, MAX_GRANTS_PER_HOLDER, 'grant')
    await enlarge('tokens', 'user_id')
    await enlarge('access_requests', 'user_id')
    await enlarge('grants', 'holder_id')
    await fill(issue, MAX_LIVE_TOKENS, 'next token')
    await fill(request, MAX_OPEN_REQUESTS, 'next request')
    await grant('next grant')
  })
})
