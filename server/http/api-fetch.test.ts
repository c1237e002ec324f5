import { beforeAll, describe, expect, it } from 'vitest'
import { problem } from '@/lib/contract/shapes/problem'
import { closeSession } from '@/server/db/auth/sessions'
import { createEndpoints } from '@/server/program/endpoints'
import { scanTable } from '@/lib/contract/table/scan'
import { getView } from '@/lib/contract/views'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { actorFor } from '@/server/auth/actor'
import { type ActorFetch, createActorFetch, createApiFetch, type ApiFetch } from './api-fetch'

const home = createTestHome()
let viewer: SignedInUser
let apiFetch: ApiFetch
let actorFetch: ActorFetch

beforeAll(async () => {
  viewer = await signInAs(home.services, 'viewer')
  const reads = new Set<unknown>([scanTable, getView])
  const endpoints = createEndpoints(home.services).filter(({ endpoint }) => reads.has(endpoint))
  apiFetch = createApiFetch(endpoints)
  actorFetch = createActorFetch(endpoints)
})

const SCAN = {
  method: 'POST',
  url: '/api/v1/catalogs/local/namespaces/demo/tables/nope/scans',
  headers: [['content-type', 'application/json']] as const,
  body: '{}',
}
const { signal } = new AbortController()
const clientWith = (headers: Record<string, string>) =>
  new Request('http://127.0.0.1:3000/api/v1/query-runs', { method: 'POST', headers })

describe('A request of a query’s process', () => {
  it('has the identity of the user who sent the query', async () => {
    const response = await apiFetch(clientWith({ cookie: viewer.cookie }), SCAN, signal)
    expect(problem.parse(await response.json()).code).toBe('not-found')
    const refused = await apiFetch(clientWith({}), SCAN, signal)
    expect(refused.status).toBe(401)
  })

  it('cannot bring an identity of its own', async () => {
    const headers = [...SCAN.headers, ['cookie', viewer.cookie], ['authorization', 'Bearer x']] as const
    expect((await apiFetch(clientWith({}), { ...SCAN, headers }, signal)).status).toBe(401)
  })

  it('is refused once the session of the user has ended', async () => {
    const leaving = await signInAs(home.services, 'viewer')
    const client = clientWith({ cookie: leaving.cookie })
    expect((await apiFetch(client, SCAN, signal)).status).toBe(404)
    await closeSession(home.database, leaving.sessionId)
    expect((await apiFetch(client, SCAN, signal)).status).toBe(401)
  })

  it.each([
    ['another operation', 'GET', '/api/v1/connections'],
    ['another method', 'DELETE', '/api/v1/catalogs/local/namespaces/demo/views/v'],
    ['a change', 'POST', '/api/v1/catalogs/local/namespaces/demo/tables/t/changes'],
    ['another server', 'POST', 'http://169.254.169.254/api/v1/catalogs/local/namespaces/demo/tables/t/scans'],
    ['a path beneath', 'POST', '/api/v1/catalogs/local/namespaces/demo/tables/t/scans/../changes'],
  ])('is not sent to %s', async (_what, method, url) => {
    await expect(apiFetch(clientWith({ cookie: viewer.cookie }), { ...SCAN, method, url }, signal)).rejects.toThrow(
      'A query may not send',
    )
  })
})

describe('A request of a run’s query', () => {
  const actor = actorFor({ userId: 'u', username: 'ada', role: 'viewer' })

  it('has the permissions of the user who started the run, and no others', async () => {
    const response = await actorFetch(actor, SCAN, signal)
    expect(problem.parse(await response.json()).code).toBe('not-found')
    const elsewhere = { ...actor, grants: [{ permission: 'table:read' as const, resource: { catalog: 'elsewhere' } }] }
    expect((await actorFetch(elsewhere, SCAN, signal)).status).toBe(404)
  })

  it('cannot bring an identity of its own', async () => {
    const nobody = { ...actor, grants: [] }
    const headers = [...SCAN.headers, ['cookie', viewer.cookie], ['authorization', 'Bearer x']] as const
    expect((await actorFetch(nobody, { ...SCAN, headers }, signal)).status).toBe(404)
  })

  it('is sent to the same operations only', async () => {
    const url = '/api/v1/catalogs/local/namespaces/demo/tables/t/changes'
    await expect(actorFetch(actor, { ...SCAN, url }, signal)).rejects.toThrow('A query may not send')
    await expect(actorFetch(actor, { ...SCAN, url: `http://169.254.169.254${SCAN.url}` }, signal)).rejects.toThrow(
      'may not send',
    )
  })
})
