import { beforeAll, describe, expect, it } from 'vitest'
import { requestWith } from '@/testing/contract/request-with'
import type { Endpoint } from '@/lib/contract/endpoint'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { sampleInput } from '@/testing/contract/sample-input'
import { createRestClient, createRestClientAs, type RestClient } from '@/testing/catalogs/rest-client'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { issueToken } from '@/server/auth/tokens/tokens'
import { EVERYONE, listGrants, putGrantChanges } from '@/server/db/auth/grants'
import { findUser } from '@/server/db/auth/users'
import { queueRun } from '@/server/db/jobs/runs'
import { indexPending } from '@/server/search/index-loop'

/** A user with a role on one table can find out nothing about the rest. */

const home = createTestHome()
const SCHEMA = { type: 'struct', 'schema-id': 0, fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
const HIDDEN = /hidden[_ ](sibling|ns|below|things)/i

let reader: SignedInUser
let admin: RestClient
let engine: RestClient
let hiddenRun: string

beforeAll(async () => {
  admin = await createRestClientAs(home.services, 'admin')
  for (const namespace of [['ours'], ['hidden_ns'], ['ours', 'hidden_below']]) {
    await admin('POST', 'local/namespaces', { body: { namespace } })
  }
  for (const [namespace, name] of [
    ['ours', 't'],
    ['ours', 'hidden_sibling'],
    ['hidden_ns', 't'],
  ] as const) {
    const { status } = await admin('POST', `local/namespaces/${namespace}/tables`, { body: { name, schema: SCHEMA } })
    if (status !== 200) throw new Error(`the table ${name} was not created`)
  }
  reader = await signInAs(home.services, null)
  const owner = await findUser(home.database, reader.userId)
  if (!owner) throw new Error('the new user does not exist')
  const on = { catalog: 'local', namespace: ['ours'], table: 't' }
  const holder = { kind: 'user', id: reader.userId } as const
  await home.database.commit(
    putGrantChanges({ grantId: 'g', holder, role: 'editor', resource: on, createdBy: 'a test' }),
  )
  const form = { owner, name: 'spark', role: 'editor', days: 1 } as const
  engine = createRestClient(
    home.services,
    (await issueToken(home.database, form, { actor: owner, requestId: null })).text,
  )
  const actor = { userId: 'u', username: 'someone', role: 'admin' } as const
  const table = { catalog: 'local', namespace: ['ours'], table: 'hidden_sibling' }
  hiddenRun = await queueRun(home.database, { kind: 'ingest', title: 'Load', spec: {}, actor, table })
  await queueRun(home.database, { kind: 'tidy', title: 'Tidy hidden things', spec: {}, actor, table: null })
  while ((await indexPending(home.services, new AbortController().signal)) > 0);
})

const isStream = ({ output }: Endpoint) => typeof output === 'string'
const READS = ENDPOINTS.filter(({ endpoint }) => endpoint.method === 'GET' && !isStream(endpoint))

async function read(endpoint: Endpoint, params: Record<string, string>): Promise<Response> {
  const call = requestWith(endpoint, { ...sampleInput(endpoint.input), ...params }, reader.cookie)
  return (await loadRouteHandler(home.services, endpoint))(call.request, { params: Promise.resolve(call.params) })
}

describe('A user with a role on one table', () => {
  it.each(READS)('$name names nothing else', async ({ name, endpoint }) => {
    const shape = endpoint.input.shape
    const isOfName = (field: string) => Object.hasOwn(shape, field)
    const params = {
      ...(isOfName('catalog') && { catalog: 'local' }),
      ...(isOfName('namespace') && { namespace: 'ours' }),
      ...(isOfName('table') && { table: 't' }),
      ...(isOfName('query') && { query: 'hidden' }),
    }
    const response = await read(endpoint, params)
    expect([name, response.status]).not.toEqual([name, 500])
    const text = await response.text()
    expect(text).not.toMatch(HIDDEN)
  })

  it('finds what they may see in every list', async () => {
    const named = async (name: string, params: Record<string, string>) => {
      const found = READS.find((one) => one.name === name)
      if (!found) throw new Error(`no endpoint ${name}`)
      const response = await read(found.endpoint, params)
      expect(response.status).toBe(200)
      return response.json() as Promise<Record<string, unknown>>
    }
    expect(await named('listCatalogs', {})).toMatchObject({ catalogs: [{ name: 'local' }] })
    expect(await named('listNamespaces', { catalog: 'local' })).toMatchObject({
      namespaces: [{ namespace: 'ours', namespaceCount: 0, tableCount: 1 }],
    })
    expect((await named('listTables', { catalog: 'local', namespace: 'ours' })).tables).toHaveLength(1)
    expect((await named('searchLake', { query: 'ours' })).hits).not.toEqual([])
    expect((await named('listRuns', {})).runs).toEqual([])
  })

  it('cannot see a run of another table, its log, or cancel it', async () => {
    for (const name of ['getRun', 'cancelRun', 'retryRun']) {
      const found = ENDPOINTS.find((one) => one.name === name)
      if (!found) throw new Error(`no endpoint ${name}`)
      expect((await read(found.endpoint, { run: hiddenRun })).status).toBe(404)
    }
  })

  it('sees the same over Iceberg REST, from engines', async () => {
    expect((await engine('GET', 'config')).status).toBe(200)
    expect((await engine('GET', 'local/namespaces')).body).toMatchObject({ namespaces: [['ours']] })
    expect((await engine('GET', 'local/namespaces?parent=ours')).body).toMatchObject({ namespaces: [] })
    expect((await engine('GET', 'local/namespaces/ours/tables')).body).toMatchObject({
      identifiers: [{ namespace: ['ours'], name: 't' }],
    })
    expect((await engine('GET', 'local/namespaces/ours/tables/t')).status).toBe(200)
    const [hidden, missing] = await Promise.all(
      ['hidden_sibling', 'none'].map((name) => engine('GET', `local/namespaces/ours/tables/${name}`)),
    )
    expect(hidden?.status).toBe(404)
    expect(JSON.stringify(hidden?.body).replaceAll('hidden_sibling', 'none')).toBe(JSON.stringify(missing?.body))
    for (const path of [
      'local/namespaces/hidden_ns',
      'local/namespaces/hidden_ns/tables',
      'local/namespaces/hidden_ns/tables/t',
    ]) {
      expect((await engine('GET', path)).status).toBe(404)
    }
    for (const name of ['credentials', 'plan/p']) {
      expect((await engine('GET', `local/namespaces/ours/tables/hidden_sibling/${name}`)).status).toBe(404)
    }
  })

  it('cannot rename a table to where they have no role, nor learn what is there', async () => {
    const rename = (name: string) =>
      engine('POST', 'local/tables/rename', {
        body: { source: { namespace: ['ours'], name: 't' }, destination: { namespace: ['ours'], name } },
      })
    const [taken, free] = [await rename('hidden_sibling'), await rename('none')]
    expect([taken.status, free.status]).toEqual([403, 403])
    expect(taken.body).toEqual(free.body)
  })
})

describe('Grants', () => {
  const grantsOn = async (table: string) =>
    listGrants(home.database, { within: { catalog: 'local', namespace: ['moved'], table } }, 10)

  it('follow a table that an engine renames, and go with it', async () => {
    await admin('POST', 'local/namespaces', { body: { namespace: ['moved'] } })
    await admin('POST', 'local/namespaces/moved/tables', { body: { name: 'a', schema: SCHEMA } })
    const on = (table: string) => ({ catalog: 'local', namespace: ['moved'], table })
    const put = (grantId: string, role: 'viewer' | 'editor', table: string) =>
      putGrantChanges({ grantId, holder: EVERYONE, role, resource: on(table), createdBy: 'a test' })
    await home.database.commit([...put('g1', 'viewer', 'a'), ...put('g2', 'editor', 'b')])
    const body = { source: { namespace: ['moved'], name: 'a' }, destination: { namespace: ['moved'], name: 'b' } }
    expect((await admin('POST', 'local/tables/rename', { body })).status).toBe(204)
    expect(await grantsOn('a')).toEqual([])
    expect(await grantsOn('b')).toMatchObject([{ grantId: 'g1', role: 'viewer' }])
    expect((await admin('DELETE', 'local/namespaces/moved/tables/b')).status).toBe(204)
    expect(await grantsOn('b')).toEqual([])
    await home.database.commit(put('g3', 'viewer', 'later'))
    expect((await admin('DELETE', 'local/namespaces/moved')).status).toBe(204)
    expect(await grantsOn('later')).toEqual([])
  })
})
