import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listNamespaces } from '@/lib/contract/namespaces'
import { AppError } from '@/lib/errors'
import type { RestConnection } from '@/lib/contract/connections'
import { type Grant, grantsOfRole } from '@/lib/permissions'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createServicesAt, createTestHome, signInAs } from '@/testing/homes/test-home'
import { RestCatalogStandIn } from '@/testing/catalogs/rest-catalog-stand-in'
import type { Actor } from '@/server/auth/actor'
import { addConnection, changeConnection, removeConnection } from '@/server/connections/connections'
import { bindOwnCredentials, unbindOwnCredentials } from '@/server/credentials/own-credentials'
import { listAudit } from '@/server/db/audit-list'
import { listCatalogEntries } from '@/server/metrics/lake/catalog-entries'
import { listNewestEvents } from '@/testing/homes/newest-events'
import { walkLake } from '@/server/metrics/lake/lake-walk'

const home = createTestHome()

const actor = (grants: readonly Grant[]): Actor => ({ userId: 'u', username: 'ann', role: 'viewer', grants })
const reader = actor(grantsOfRole('viewer'))
const SCHEMA = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'id', required: false, type: 'int' as const }],
}

beforeAll(async () => {
  const catalog = await home.services.catalogs.open('local', reader)
  await catalog.write({ kind: 'create-namespace', namespace: ['a', 'deep'], properties: {} })
  await catalog.write({ kind: 'create-namespace', namespace: ['b'], properties: {} })
  for (const [namespace, table] of [
    [['a', 'deep'], 't'],
    [['b'], 't'],
    [['b'], 'u'],
  ] as const) {
    await catalog.write({ kind: 'create-table', table: { catalog: 'local', namespace, table }, schema: SCHEMA })
  }
})

describe('A catalog', () => {
  test('is opened by its configured name, with its warehouse', async () => {
    expect(await home.services.catalogs.listNames(reader)).toEqual(['local'])
    const catalog = await home.services.catalogs.open('local', reader)
    expect(catalog).toMatchObject({ name: 'local', kind: 'embedded', warehouse: home.config.warehouse })
    await expect(home.services.catalogs.open('other', reader)).rejects.toMatchObject({ code: 'not-found' })
    expect(() => home.services.stores.catalogStore('other')).toThrow(expect.objectContaining({ code: 'not-found' }))
  })

  test('does not exist for a person who may see nothing in it', async () => {
    const elsewhere = actor([{ permission: 'table:read', resource: { catalog: 'other' } }])
    expect(await home.services.catalogs.listNames(elsewhere)).toEqual([])
    await expect(home.services.catalogs.open('local', elsewhere)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('lists only what a grant reaches', async () => {
    const catalog = await home.services.catalogs.open(
      'local',
      actor([
        { permission: 'table:read', resource: { catalog: 'local', namespace: ['a'] } },
        { permission: 'table:read', resource: { catalog: 'local', namespace: ['b'], table: 'u' } },
      ]),
    )
    expect(await catalog.listNamespaces(null)).toEqual([['a'], ['b']])
    expect(await catalog.listNamespaces(['a'])).toEqual([['a', 'deep']])
    expect(await catalog.listTables(['a', 'deep'])).toHaveLength(1)
    expect(await catalog.listTables(['b'])).toEqual([{ catalog: 'local', namespace: ['b'], table: 'u' }])
    const narrow = await home.services.catalogs.open(
      'local',
      actor([{ permission: 'table:read', resource: { catalog: 'local', namespace: ['b'] } }]),
    )
    expect(await narrow.listNamespaces(null)).toEqual([['b']])
  })

  test('audits every namespace that is created or dropped, with the person and the properties', async () => {
    const catalog = await home.services.catalogs.open('local', reader)
    await catalog.write({
      kind: 'create-namespace',
      namespace: ['c', 'audited'],
      properties: { owner: 'ann', exists: 'true' },
    })
    await expect(
      catalog.write({ kind: 'create-namespace', namespace: ['c', 'audited'], properties: {} }),
    ).rejects.toMatchObject({ code: 'already-exists' })
    await expect(catalog.write({ kind: 'drop-namespace', namespace: ['c'] })).rejects.toMatchObject({
      code: 'namespace-not-empty',
    })
    await catalog.write({ kind: 'drop-namespace', namespace: ['c', 'audited'] })
    const auditTarget = {
      table: null,
      namespace: { catalog: 'local', namespace: ['c', 'audited'] },
      actor: { username: 'ann' },
    }
    const state = { properties: { owner: 'ann' } }
    expect(await listAudit(home.database, { limit: 2 })).toMatchObject([
      { ...auditTarget, action: 'drop-namespace', before: state, after: null },
      { ...auditTarget, action: 'create-namespace', before: null, after: state },
    ])
    const [newest] = await listNewestEvents(home.services, reader, 1)
    expect(newest).toMatchObject({ action: 'drop-namespace', target: { namespace: ['c', 'audited'], table: null } })
    const elsewhere = actor([{ permission: 'table:read', resource: { catalog: 'local', namespace: ['a'] } }])
    const events = await listNewestEvents(home.services, elsewhere, 9)
    expect(events.map(({ target: { namespace } }) => namespace)).toEqual([['a', 'deep']])
  })

  test('stores its files on this machine', async () => {
    const { metadataLocation } = await (await home.services.catalogs.open('local', reader)).loadTable({
      catalog: 'local',
      namespace: ['b'],
      table: 't',
    })
    expect(home.services.stores.localPath(metadataLocation)).toBe(metadataLocation.slice('file://'.length))
    expect(await home.services.stores.catalogStore('local').sizeBytes(metadataLocation)).toBeGreaterThan(100)
    expect(() => home.services.stores.localPath('file:///etc/passwd')).toThrow(
      expect.objectContaining({ code: 'location-refused' }),
    )
  })
})

describe('The catalog of a connection', () => {
  let remote: RestCatalogStandIn
  let admin: Actor
  let viewer: Actor
  let connectionId: string
  /** The id of the viewer's session. */
  let cookie: string
  const by = () => ({ actor: admin, requestId: 'r1' })
  const settings = (change: Partial<RestConnection> = {}): RestConnection => ({
    kind: 'rest',
    uri: remote.uri,
    warehouse: 'lake',
    prefix: null,
    auth: { kind: 'bearer' },
    headerNames: [],
    delegation: 'none',
    storage: null,
    mappings: [],
    ownCredentials: 'allowed',
    ...change,
  })
  const change = (version: number, settingsNow: RestConnection) =>
    changeConnection(home.services, connectionId, { name: 'far', settings: settingsNow, secrets: {}, version }, by())
  const requestOptions = { requestId: 'r1', signal: new AbortController().signal }
  const authorizationOf = async (actorOfRequest: Actor) => {
    await (await home.services.catalogs.open('far', actorOfRequest)).listNamespaces(null)
    return remote.lastRequest().headers.get('authorization')
  }

  beforeAll(async () => {
    const [first, second] = [await signInAs(home.services, 'admin'), await signInAs(home.services, 'viewer')]
    admin = { ...first, role: 'admin', grants: grantsOfRole('admin') }
    cookie = second.cookie
    viewer = { ...second, role: 'viewer', grants: grantsOfRole('viewer') }
    remote = await RestCatalogStandIn.start()
    remote
      .on('GET /v1/namespaces', ({ query }) => ({
        body: { namespaces: query.has('parent') ? [] : [['sales'], ['hidden']] },
      }))
      .on('GET /v1/namespaces/sales/tables', { body: { identifiers: [{ namespace: ['sales'], name: 'orders' }] } })
      .on('GET /v1/namespaces/hidden/tables', { body: { identifiers: [] } })
    const form = { name: 'far', settings: settings(), secrets: { token: 'shared' } }
    connectionId = await addConnection(home.services, form, { actor: admin, requestId: 'r1' })
  })
  afterAll(() => remote.stop())

  test('exists under its name for people whom a grant gives access', async () => {
    expect(await home.services.catalogs.listNames(viewer)).toEqual(['far', 'local'])
    const catalog = await home.services.catalogs.open('far', viewer)
    expect(catalog).toMatchObject({ name: 'far', kind: 'rest' })
    expect(await catalog.listNamespaces(null)).toEqual([['hidden'], ['sales']])
    const narrow = actor([{ permission: 'table:read', resource: { catalog: 'far', namespace: ['sales'] } }])
    expect(await (await home.services.catalogs.open('far', narrow)).listNamespaces(null)).toEqual([['sales']])
    const elsewhere = actor([{ permission: 'table:read', resource: { catalog: 'local' } }])
    for (const [name, actorCase] of [
      ['far', elsewhere],
      ['FAR', viewer],
      ['none', viewer],
    ] as const) {
      await expect(home.services.catalogs.open(name, actorCase)).rejects.toMatchObject({ code: 'not-found' })
    }
  })

  test('reads responses within the memory that all catalogs of the program share', async () => {
    const other = createServicesAt(home.config.homeDir)
    await authorizationOf(viewer)
    expect(home.services.responsePool.peakBytes).toBeGreaterThan(0)
    expect(home.services.responsePool.usedBytes).toBe(0)
    expect(other.responsePool.peakBytes).toBe(0)
  })

  test('gets requests with the person’s own credentials if they bound some', async () => {
    expect(await authorizationOf(viewer)).toBe('Bearer shared')
    await bindOwnCredentials(
      home.services,
      'far',
      { identity: null, secret: 'of the viewer' },
      { ...by(), actor: viewer },
    )
    expect(await authorizationOf(viewer)).toBe('Bearer of the viewer')
    expect(await authorizationOf(admin)).toBe('Bearer shared')
    await unbindOwnCredentials(home.database, 'far', { ...by(), actor: viewer })
    expect(await authorizationOf(viewer)).toBe('Bearer shared')
  })

  test('applies a change of its settings at once, also when own credentials become required', async () => {
    expect(await change(1, settings({ ownCredentials: 'required' }))).toBe(2)
    await expect(home.services.catalogs.open('far', viewer)).rejects.toMatchObject({ code: 'credentials-required' })
    await bindOwnCredentials(
      home.services,
      'far',
      { identity: null, secret: 'of the viewer' },
      { ...by(), actor: viewer },
    )
    expect(await authorizationOf(viewer)).toBe('Bearer of the viewer')
    await change(2, settings({ ownCredentials: 'off' }))
    expect(await authorizationOf(viewer)).toBe('Bearer shared')
  })

  test('is listed and searched with the others', async () => {
    expect(await listCatalogEntries(home.services, viewer, requestOptions)).toMatchObject([
      { name: 'far', kind: 'rest', warehouse: 'lake', namespaceCount: 2, problem: null },
      { name: 'local', kind: 'embedded', problem: null },
    ])
    const lake = await walkLake(home.services, viewer, requestOptions)
    expect(lake.unreachable).toEqual([])
    expect(lake.namespaces.map(({ catalog, namespace }) => [catalog, ...namespace].join('.'))).toEqual([
      'far.hidden',
      'far.sales',
      'local.a',
      'local.a.deep',
      'local.b',
    ])
    expect(lake.tables).toContainEqual({ catalog: 'far', namespace: ['sales'], table: 'orders' })
    expect((await walkLake(home.services, viewer, { ...requestOptions, onlyCatalog: 'far' })).namespaces).toHaveLength(
      2,
    )
  })

  test('is listed by name without a request to it', async () => {
    const seen = remote.received.length
    expect(await listCatalogEntries(home.services, viewer, { ...requestOptions, hasContents: false })).toEqual([
      { name: 'far', kind: 'rest', warehouse: 'lake', namespaceCount: null, abilities: [], problem: null },
      expect.objectContaining({ name: 'local', kind: 'embedded', namespaceCount: null, problem: null }),
    ])
    expect(remote.received).toHaveLength(seen)
  })

  test('that does not answer is reported and does not hide the others', async () => {
    remote.on('GET /v1/namespaces', { status: 403, body: { error: { message: 'no', type: 'Forbidden', code: 403 } } })
    const [far, local] = await listCatalogEntries(home.services, viewer, requestOptions)
    expect(far).toMatchObject({ namespaceCount: null, abilities: [], problem: { code: 'forbidden' } })
    expect(local).toMatchObject({ problem: null })
    const lake = await walkLake(home.services, viewer, requestOptions)
    expect(lake.unreachable).toMatchObject([{ catalog: 'far', code: 'forbidden' }])
    expect(lake.namespaces.map(({ catalog }) => catalog)).toEqual(['local', 'local', 'local'])
  })

  describe('that timed out lately', () => {
    const read = async (catalog: string, headers: Record<string, string> = {}) => {
      const handler = await loadRouteHandler(home.services, listNamespaces)
      const request = new Request('http://test/x', { headers: { cookie, ...headers } })
      return (await handler(request, { params: Promise.resolve({ catalog }) })).status
    }
    // It did so for ten seconds only, so the route is loaded before.
    beforeAll(async () => void (await loadRouteHandler(home.services, listNamespaces)))
    beforeEach(async () => {
      remote.on('GET /v1/namespaces', { body: { namespaces: [] } })
      const timeoutError = new AppError('catalog-unavailable', 'Nothing came.')
      const { availability } = await home.services.catalogs.open('far', viewer)
      const timedOut = availability?.guard(
        (error): error is AppError => error === timeoutError,
        () => Promise.reject(timeoutError),
      )
      await timedOut?.catch(() => {}) // it is the timeout
    })
    afterEach(async () => (await home.services.catalogs.open('far', viewer)).availability?.reset())

    test('gets a request at once only when a person retries', async () => {
      const seen = remote.received.length
      expect(await read('far')).toBe(503)
      expect(await read('far', { 'cache-control': 'max-age=0' })).toBe(503)
      expect(remote.received).toHaveLength(seen)
      expect(await read('far', { 'cache-control': 'max-age=0, No-Cache' })).toBe(200)
      expect(remote.received.length).toBeGreaterThan(seen)
    })

    test('gets no request when a person retries another catalog, or one that does not exist', async () => {
      expect(await read('local', { 'cache-control': 'no-cache' })).toBe(200)
      expect(await read('none', { 'cache-control': 'no-cache' })).toBe(404)
      expect(await read('far')).toBe(503)
    })
  })

  test('that is down is probed once for many responses, which say when, until its connection changes', async () => {
    await remote.stop()
    const far = async () => (await listCatalogEntries(home.services, viewer, requestOptions))[0]?.problem
    expect(await far()).toEqual({ code: 'catalog-unavailable', detail: expect.stringContaining('does not answer') })
    const attemptStartedAtMs = expect.any(Number)
    expect(await far()).toMatchObject({ code: 'catalog-unavailable', attemptStartedAtMs })
    expect((await walkLake(home.services, viewer, requestOptions)).unreachable).toMatchObject([
      { catalog: 'far', attemptStartedAtMs },
    ])
    await change(3, settings())
    expect(await far()).not.toHaveProperty('attemptStartedAtMs')
  })

  test('disappears with its connection', async () => {
    await removeConnection(home.database, connectionId, 'far', by())
    await expect(home.services.catalogs.open('far', viewer)).rejects.toMatchObject({ code: 'not-found' })
    expect(await home.services.catalogs.listNames(viewer)).toEqual(['local'])
  })
})
