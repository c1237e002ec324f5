import { createServer, type Server } from 'node:http'
import { createServer as createNetServer } from 'node:net'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectionSettings, ConnectionStorage, ConnectionTest, RestConnection } from '@/lib/contract/connections'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { ACCOUNT, ACCOUNT_KEY, AzureStandIn } from '@/testing/stores/azure-stand-in'
import { GcsStandIn } from '@/testing/stores/gcs-stand-in'
import { useTestClock } from '@/testing/clock'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { errorReply, RestCatalogStandIn } from '@/testing/catalogs/rest-catalog-stand-in'
import { type Actor, actorFor } from '@/server/auth/actor'
import { toAuditEntryView } from '@/server/audit/audit-view'
import { listAudit } from '@/server/db/audit-list'
import { addConnection, listConnectionEntries } from './connections'
import { testUnsavedConnection, testSavedConnection } from './test-connection'
import { STEP_TIMEOUT_MS, TestSteps } from './test-steps'

const allowed = realpathSync(mkdtempSync(path.join(tmpdir(), 'lakeshore-roots-')))
const home = createTestHome({ LAKESHORE_LOCAL_ROOTS: allowed })
afterAll(() => rmSync(allowed, { recursive: true }))

let actor: Actor
let catalog: RestCatalogStandIn
const context = () => ({ actor, requestId: 'r1', signal: new AbortController().signal })
beforeAll(async () => {
  const { userId, username } = await signInAs(home.services, 'admin')
  actor = actorFor({ userId, username, role: 'admin' })
  catalog = await RestCatalogStandIn.start()
})
afterAll(() => catalog.stop())

const ENDPOINTS = ['GET /v1/{prefix}/namespaces', 'GET /v1/{prefix}/namespaces/{namespace}/tables']
const config = (endpoints = ENDPOINTS) => ({ body: { defaults: {}, overrides: {}, endpoints } })

function rest(change: Partial<RestConnection> = {}): RestConnection {
  return {
    kind: 'rest',
    uri: catalog.uri,
    warehouse: null,
    prefix: null,
    auth: { kind: 'none' },
    headerNames: [],
    delegation: 'none',
    storage: null,
    mappings: [],
    ownCredentials: 'off',
    ...change,
  }
}

const tryForm = (settings: ConnectionSettings, secrets = {}) =>
  testUnsavedConnection(home.services, { settings, secrets }, null, context())
const states = ({ steps }: ConnectionTest) => steps.map(({ step, state }) => `${step} ${state}`)
const detailOf = ({ steps }: ConnectionTest, step: string) => steps.find((result) => result.step === step)?.detail

describe('A test reports what fails', () => {
  test('an unknown host', async () => {
    const result = await tryForm(rest({ uri: 'https://no-such-host.invalid' }))
    expect(states(result)).toEqual([
      'address failed',
      'tls skipped',
      'login skipped',
      'warehouse skipped',
      'storage skipped',
    ])
    expect(detailOf(result, 'address')).toMatch(/no-such-host\.invalid.*(No such host|name servers)/)
  })

  test('a port on which nothing listens', async () => {
    const result = await tryForm(rest({ uri: `http://127.0.0.1:${await closedPort()}` }))
    expect(states(result)[0]).toBe('address failed')
    expect(detailOf(result, 'address')).toContain('Nothing listens there')
  })

  test('a server without TLS', async () => {
    const result = await tryForm(rest({ uri: catalog.uri.replace('http:', 'https:') }))
    expect(states(result).slice(0, 3)).toEqual(['address ok', 'tls failed', 'login skipped'])
    expect(detailOf(result, 'tls')).toContain('Does the port speak https?')
  })

  test('refused credentials, or missing ones', async () => {
    catalog.on('GET /v1/config', errorReply(401, 'NotAuthorizedException'))
    const without = await tryForm(rest())
    expect(states(without).slice(1)).toEqual(['tls skipped', 'login failed', 'warehouse skipped', 'storage skipped'])
    expect(detailOf(without, 'login')).toContain('choose an authentication')
    const result = await tryForm(rest({ auth: { kind: 'bearer' } }), { token: 'hunter2-of-the-test' })
    expect(states(result)[2]).toBe('login failed')
    expect(catalog.lastRequest().headers.get('authorization')).toBe('Bearer hunter2-of-the-test')
    expect(JSON.stringify([result, await listAudit(home.database, { limit: 5 })])).not.toContain('hunter2')
  })

  test('a token server that is unreachable or refuses', async () => {
    catalog.on('GET /v1/config', config())
    const auth = { kind: 'oauth2' as const, clientId: 'a', scope: null, audience: null, resource: null }
    const away = await tryForm(rest({ auth: { ...auth, tokenUri: `http://127.0.0.1:${await closedPort()}` } }), {
      clientSecret: 's',
    })
    expect(states(away).slice(0, 4)).toEqual(['address ok', 'tls skipped', 'login failed', 'warehouse skipped'])
    catalog.on('POST /tokens', { status: 401, body: { error: 'invalid_client' } })
    const result = await tryForm(rest({ auth: { ...auth, tokenUri: `${catalog.uri}/tokens` } }), { clientSecret: 's' })
    expect(states(result)[2]).toBe('login failed')
    expect(detailOf(result, 'login')).toContain('invalid_client')
  })

  test('a warehouse that is unknown or forbidden', async () => {
    catalog.on('GET /v1/config', errorReply(404, 'NoSuchWarehouseException', 'Unknown warehouse: lake'))
    const unknown = await tryForm(rest({ warehouse: 'lake' }))
    expect(states(unknown).slice(2)).toEqual(['login ok', 'warehouse failed', 'storage skipped'])
    expect(detailOf(unknown, 'warehouse')).toBe(
      'Unknown warehouse: lake. Check that the catalog has a warehouse named lake.',
    )
    catalog.on('GET /v1/config', errorReply(500, 'IllegalStateException', 'Warehouse lake is not known'))
    const failing = await tryForm(rest({ warehouse: 'lake' }))
    expect(detailOf(failing, 'warehouse')).toBe(
      'Warehouse lake is not known. Check that the catalog has a warehouse named lake.',
    )
    catalog.on('GET /v1/config', errorReply(403, 'ForbiddenException', 'no'))
    expect(states(await tryForm(rest())).slice(2, 4)).toEqual(['login ok', 'warehouse failed'])
  })

  test.each([
    ['answers with a page', { body: '<html>hello</html>' }, 'not JSON'],
    ['answers with other JSON', { body: '[1]' }, 'not a response'],
    ['does not know the endpoint', { status: 404, body: '<html>nope</html>' }, '404'],
    ['cuts the connection', { cut: 'before' as const }, 'does not answer'],
  ])('a server that is not a catalog: it %s', async (_what, reply, words) => {
    catalog.on('GET /v1/config', reply)
    const result = await tryForm(rest())
    expect(states(result)).toEqual([
      'address failed',
      'tls skipped',
      'login skipped',
      'warehouse skipped',
      'storage skipped',
    ])
    expect(detailOf(result, 'address')).toContain(words)
    expect(detailOf(result, 'address')).toContain(`Lakeshore requests /v1/config at ${catalog.uri}`)
  })

  test('a catalog that fails, in its own words and without retries', async () => {
    catalog.on('GET /v1/config', { ...errorReply(503, 'X', 'Closed for repairs'), headers: { 'retry-after': '20' } })
    const requestsBefore = catalog.received.length
    const result = await tryForm(rest())
    expect(states(result)[3]).toBe('warehouse failed')
    expect(detailOf(result, 'warehouse')).toContain('Closed for repairs.')
    expect(catalog.received.length - requestsBefore).toBe(1)
  })

  test('a token with characters that a header cannot contain', async () => {
    const result = await tryForm(rest({ auth: { kind: 'bearer' } }), { token: 'hunter2\u2026' })
    expect(states(result).slice(2, 4)).toEqual(['login failed', 'warehouse skipped'])
    expect(detailOf(result, 'login')).toContain('a character that HTTP headers do not allow')
    expect(JSON.stringify(result)).not.toContain('hunter2')
  })

  test('a token server that never answers', async () => {
    const time = useTestClock()
    const silent = createServer()
    const isAsked = new Promise((resolve) => silent.once('request', resolve))
    const port = await new Promise<number>((resolve) => {
      silent.listen(0, '127.0.0.1', () => {
        const address = silent.address()
        resolve(typeof address === 'object' && address ? address.port : 0)
      })
    })
    catalog.on('GET /v1/config', config())
    const auth = { kind: 'oauth2' as const, clientId: 'a', scope: null, audience: null, resource: null }
    const testing = tryForm(rest({ auth: { ...auth, tokenUri: `http://127.0.0.1:${port}` } }), { clientSecret: 's' })
    await isAsked
    await time.advance(STEP_TIMEOUT_MS - 1_000)
    const result = await testing
    silent.closeAllConnections()
    silent.close()
    expect(states(result).slice(2, 4)).toEqual(['login failed', 'warehouse skipped'])
    expect(detailOf(result, 'login')).toContain('The token server does not answer')
  })

  test('a failing list of tables, which is not a failure of the storage', async () => {
    catalog
      .on('GET /v1/config', config())
      .on('GET /v1/namespaces', { body: { namespaces: [['a']] } })
      .on('GET /v1/namespaces/a/tables', errorReply(503, 'X', 'Closed for repairs'))
    const result = await tryForm(rest())
    expect(states(result).slice(3)).toEqual(['warehouse failed', 'storage skipped'])
    expect(detailOf(result, 'warehouse')).toContain('Closed for repairs')
  })

  test('an empty folder as a success, and one that a link leads out of as a failure', async () => {
    catalog.on('GET /v1/config', config()).on('GET /v1/namespaces', { body: { namespaces: [] } })
    await mkdir(path.join(allowed, 'wh'))
    const inside = await tryForm(rest({ storage: { kind: 'local', roots: [`${allowed}/wh`] } }))
    expect(states(inside)).toEqual(['address ok', 'tls skipped', 'login ok', 'warehouse ok', 'storage ok'])
    expect(detailOf(inside, 'storage')).toContain('it is empty')
    await symlink('/etc', path.join(allowed, 'out'))
    const outside = await tryForm(rest({ storage: { kind: 'local', roots: [`${allowed}/out`] } }))
    expect(outside.steps.find(({ state }) => state === 'failed')?.detail).toContain('not allowed to read')
  })

  test('a table whose files cannot be reached', async () => {
    const body = { 'metadata-location': 's3://elsewhere/t/v1.metadata.json', metadata: JSON.parse(metadataText()) }
    catalog
      .on('GET /v1/config', config([...ENDPOINTS, 'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}']))
      .on('GET /v1/namespaces', { body: { namespaces: [['a']] } })
      .on('GET /v1/namespaces/a/tables', { body: { identifiers: [{ namespace: ['a'], name: 't' }] } })
      .on('GET /v1/namespaces/a/tables/t', { body })
    const result = await tryForm(rest())
    expect(states(result).slice(3)).toEqual(['warehouse ok', 'storage failed'])
    expect(detailOf(result, 'warehouse')).toBe(
      '1 top-level namespace found. The catalog does not accept commits, so it is read-only.',
    )
    expect(detailOf(result, 'storage')).toMatch(/a\.t: .*s3:\/\/elsewhere.*allowed locations/)
  })

  test('a table whose reads the catalog restricts, of which no file is tried', async () => {
    const body = {
      'metadata-location': 's3://elsewhere/t/v1.metadata.json',
      metadata: JSON.parse(metadataText()),
      'read-restrictions': { 'required-row-filter': false },
    }
    catalog
      .on('GET /v1/config', config([...ENDPOINTS, 'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}']))
      .on('GET /v1/namespaces', { body: { namespaces: [['a']] } })
      .on('GET /v1/namespaces/a/tables', { body: { identifiers: [{ namespace: ['a'], name: 't' }] } })
      .on('GET /v1/namespaces/a/tables/t', { body })
    const result = await tryForm(rest())
    expect(states(result).slice(3)).toEqual(['warehouse ok', 'storage skipped'])
    expect(detailOf(result, 'storage')).toMatch(/^a\.t: The catalog restricts which rows or columns/)
  })

  test('a table in a folder of the server, with the setting or the field that would allow it', async () => {
    const tryTable = async (services: typeof home.services, location: string, change: Partial<RestConnection>) => {
      const metadata = JSON.parse(metadataText(location)) as object
      catalog
        .on('GET /v1/config', config([...ENDPOINTS, 'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}']))
        .on('GET /v1/namespaces', { body: { namespaces: [['a']] } })
        .on('GET /v1/namespaces/a/tables', { body: { identifiers: [{ namespace: ['a'], name: 't' }] } })
        .on('GET /v1/namespaces/a/tables/t', { body: { 'metadata-location': `${location}/1.json`, metadata } })
      const form = { settings: rest(change), secrets: {} }
      return detailOf(await testUnsavedConnection(services, form, null, context()), 'storage')
    }
    const off = { ...home.services, config: { ...home.services.config, localRoots: [] } }
    const none = await tryTable(off, 'file:///elsewhere/t', {})
    expect(none).toMatch(
      /^a\.t: file:\/\/\/elsewhere\/t\/1\.json is in a folder of the server .* LAKESHORE_LOCAL_ROOTS/,
    )
    expect(none).toContain('allows none. The operator of Lakeshore can add the folder there')
    expect(none).not.toContain('allowed locations')
    expect(await tryTable(home.services, 'file:///elsewhere/t', {})).toContain(`allows only file://${allowed}.`)
    const unchosen = await tryTable(home.services, `file://${allowed}/t`, {})
    expect(unchosen).toContain(
      'Choose Folders on the server as the storage, with the folder among its allowed locations.',
    )
    expect(unchosen).not.toContain('LAKESHORE_LOCAL_ROOTS')
    const roots = [path.join(allowed, 'other')]
    await mkdir(roots[0] ?? '', { recursive: true })
    expect(await tryTable(home.services, `file://${allowed}/t`, { storage: { kind: 'local', roots } })).toContain(
      'Check the credentials and the allowed locations of the storage',
    )
    // A mapping leads there.
    const mappings = [{ from: 's3://lake', to: 'file:///elsewhere' }]
    expect(await tryTable(off, 's3://lake/t', { mappings })).toContain('file:///elsewhere/t/1.json is in a folder')
    expect(await tryTable(off, 's3://lake/t', { delegation: 'vended-credentials' })).toContain(
      'The access that the catalog gave does not include s3://lake/t/1.json',
    )
  })

  test('a table that the catalog cannot load, and a store without TLS', async () => {
    const endpoint = catalog.uri.replace('http:', 'https:')
    const s3 = { kind: 's3' as const, roots: ['s3://lake'], endpoint, region: 'us-east-1', isPathStyle: true }
    const storage = { ...s3, credentials: { kind: 'anonymous' as const } }
    catalog
      .on('GET /v1/config', config([...ENDPOINTS, 'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}']))
      .on('GET /v1/namespaces', { body: { namespaces: [['a']] } })
      .on('GET /v1/namespaces/a/tables', { body: { identifiers: [{ namespace: ['a'], name: 't' }] } })
      .on('GET /v1/namespaces/a/tables/t', errorReply(500, 'X', 'Lost its index'))
    const unloadable = await tryForm(rest({ storage }))
    expect(states(unloadable).slice(3)).toEqual(['warehouse failed', 'storage skipped'])
    expect(detailOf(unloadable, 'warehouse')).toBe('a.t: Lost its index')

    const metadata = JSON.parse(metadataText('s3://lake/t')) as object
    catalog.on('GET /v1/namespaces/a/tables/t', { body: { 'metadata-location': 's3://lake/t/1.json', metadata } })
    const result = await tryForm(rest({ storage }))
    expect(states(result).slice(3)).toEqual(['warehouse ok', 'storage failed'])
    expect(detailOf(result, 'storage')).toContain('Does the port speak https?')
  })

  test('a store inside this network that only the catalog names, with advice on how to allow it', async () => {
    const keys = { 's3.access-key-id': 'AK', 's3.secret-access-key': 'SK', 's3.endpoint': 'http://10.255.255.1:9000' }
    const metadata = JSON.parse(writeTableMetadata(sampleMetadata({ location: 's3://lake/t' }))) as object
    catalog
      .on('GET /v1/config', config([...ENDPOINTS, 'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}']))
      .on('GET /v1/namespaces', { body: { namespaces: [['a']] } })
      .on('GET /v1/namespaces/a/tables', { body: { identifiers: [{ namespace: ['a'], name: 't' }] } })
      .on('GET /v1/namespaces/a/tables/t', {
        body: { 'metadata-location': 's3://lake/t/metadata/1.json', metadata, config: keys },
      })
    const result = await tryForm(rest({ delegation: 'vended-credentials' }))
    expect(states(result).slice(3)).toEqual(['warehouse ok', 'storage failed'])
    expect(detailOf(result, 'storage')).toMatch(
      /^a\.t: The catalog sent http:\/\/10\.255\.255\.1:9000 .*To allow it, .* storage with this endpoint to the connection\.$/,
    )
  })
})

describe('A test of metadata files', () => {
  test('reads each table’s metadata', async () => {
    await mkdir(path.join(allowed, 't', 'metadata'), { recursive: true })
    await writeFile(path.join(allowed, 't', 'metadata', 'v1.metadata.json'), metadataText(`file://${allowed}/t`))
    const tables = [{ namespace: ['a'], table: 't', metadataLocation: `file://${allowed}/t` }]
    const settings = {
      kind: 'files' as const,
      tables,
      storage: { kind: 'local' as const, roots: [allowed] },
      mappings: [],
    }
    const result = await tryForm(settings)
    expect(states(result)).toEqual([
      'address skipped',
      'tls skipped',
      'login skipped',
      'warehouse skipped',
      'storage ok',
    ])
    const missing = { namespace: ['a'], table: 'gone', metadataLocation: `file://${allowed}/gone` }
    const lost = await tryForm({ ...settings, tables: [...tables, missing] })
    expect(detailOf(lost, 'storage')).toContain('a.gone: There is no metadata file')
    await writeFile(path.join(allowed, 'damaged.metadata.json'), '{"format-version": 2')
    const damaged = { ...missing, metadataLocation: `file://${allowed}/damaged.metadata.json` }
    const read = await tryForm({ ...settings, tables: [damaged] })
    expect(detailOf(read, 'storage')).toContain('damaged.metadata.json')
    expect(detailOf(read, 'storage')).not.toContain('Check the storage')
  })

  test('reports what a moved table needs, and passes with that', async () => {
    const folder = path.join(allowed, 'moved', 'metadata')
    await mkdir(folder, { recursive: true })
    const snapshot = sampleSnapshot(0, { manifestList: 's3://before/moved/metadata/snap-0.avro', schemaId: 0 })
    const only = { snapshots: [snapshot], currentSnapshotId: snapshot.snapshotId, snapshotLog: [], refs: {} }
    for (const [file, change] of [
      ['v1.metadata.json', only],
      ['v2.metadata.json', { ...only, snapshots: [], currentSnapshotId: null }],
    ] as const) {
      const metadata = sampleMetadata({ location: 's3://before/moved', ...change })
      await writeFile(path.join(folder, file), writeTableMetadata(metadata))
    }
    const tryFile = (file: string, mappings: { from: string; to: string }[]) =>
      tryForm({
        kind: 'files',
        tables: [{ namespace: ['a'], table: 't', metadataLocation: `file://${folder}/${file}` }],
        storage: { kind: 'local', roots: [allowed] },
        mappings,
      })
    const mapping = { from: 's3://before', to: `file://${allowed}` }

    const unmapped = await tryFile('v1.metadata.json', [])
    expect(states(unmapped)[4]).toBe('storage failed')
    expect(detailOf(unmapped, 'storage')).toMatch(
      /^a\.t: The metadata can be read, but not the files that it names\. .*s3:\/\/before\/moved\/metadata\/snap-0\.avro.* add a mapping/,
    )
    expect(detailOf(await tryFile('v1.metadata.json', [mapping]), 'storage')).toContain('There is no file')
    await writeFile(path.join(folder, 'snap-0.avro'), 'list')
    expect(states(await tryFile('v1.metadata.json', [mapping]))[4]).toBe('storage ok')

    expect(detailOf(await tryFile('v2.metadata.json', []), 'storage')).toMatch(/s3:\/\/before\/moved.* add a mapping/)
    expect(states(await tryFile('v2.metadata.json', [mapping]))[4]).toBe('storage ok')
  })

  test('reports that the endpoint of its bucket does not answer', async () => {
    const result = await tryForm({
      kind: 'files',
      tables: [{ namespace: ['a'], table: 't', metadataLocation: 's3://lake/t' }],
      storage: {
        kind: 's3',
        roots: ['s3://lake'],
        endpoint: `http://127.0.0.1:${await closedPort()}`,
        region: 'us-east-1',
        isPathStyle: true,
        credentials: { kind: 'anonymous' },
      },
      mappings: [],
    })
    expect(states(result)[0]).toBe('address failed')
  })

  describe('in Azure', () => {
    const azure = new AzureStandIn()
    const root = `abfss://lake@${ACCOUNT}.dfs.core.windows.net`
    let endpoint: string
    beforeAll(async () => {
      endpoint = await azure.start()
      azure.objects.set('lake/t/metadata/v1.metadata.json', Buffer.from(metadataText(`${root}/t`)))
    })
    afterAll(() => azure.stop())

    const tryAzure = (
      change: Partial<Extract<ConnectionStorage, { kind: 'azure' }>>,
      secrets: Record<string, string>,
    ) =>
      tryForm(
        {
          kind: 'files',
          tables: [{ namespace: ['a'], table: 't', metadataLocation: `${root}/t` }],
          storage: { kind: 'azure', roots: [root], endpoint, credentials: { kind: 'account-key' }, ...change },
          mappings: [],
        },
        secrets,
      )
    const client = { kind: 'client-secret' as const, tenantId: 't', clientId: 'c' }
    const key = { storageAccountKey: ACCOUNT_KEY }

    test('reads each table’s metadata', async () => {
      expect(states(await tryAzure({}, key))).toEqual([
        'address ok',
        'tls skipped',
        'login skipped',
        'warehouse skipped',
        'storage ok',
      ])
    })

    test.each([
      ['the account', { endpoint: null, roots: ['abfss://lake@nosuchaccount.dfs.core.windows.net'] }, key, 'address'],
      ['the key', {}, { storageAccountKey: 'b3RoZXI=' }, 'storage'],
      ['an invalid signature', { credentials: { kind: 'sas' as const } }, { storageSas: 'hunter2' }, 'storage'],
      [
        'the token server',
        { credentials: { ...client, authority: 'http://127.0.0.1:9' } },
        { storageClientSecret: 'hunter2' },
        'storage',
      ],
    ] as const)('reports what fails: %s', async (_what, change, secrets, step) => {
      const result = await tryAzure(change as Parameters<typeof tryAzure>[0], secrets)
      expect(states(result)).toContain(`${step} failed`)
      expect(JSON.stringify(result)).not.toContain('hunter2')
    })
  })
})

describe('A test of metadata files in Google’s store', () => {
  const gcs = new GcsStandIn()
  let endpoint: string
  beforeAll(async () => {
    endpoint = await gcs.start()
    gcs.objects.set('lake/t/metadata/v1.metadata.json', Buffer.from(metadataText('gs://lake/t')))
  })
  afterAll(() => gcs.stop())

  const tryGoogle = (change: { endpoint?: string; roots?: string[] }, key?: string) =>
    tryForm(
      {
        kind: 'files',
        tables: [{ namespace: ['a'], table: 't', metadataLocation: 'gs://lake/t' }],
        storage: {
          kind: 'gcs',
          roots: ['gs://lake'],
          endpoint,
          credentials: { kind: key === undefined ? 'anonymous' : 'service-account' },
          ...change,
        },
        mappings: [],
      },
      key === undefined ? {} : { storageServiceAccountKey: key },
    )

  test('reads each table’s metadata', async () => {
    expect(states(await tryGoogle({}))).toEqual([
      'address ok',
      'tls skipped',
      'login skipped',
      'warehouse skipped',
      'storage ok',
    ])
  })

  test.each([
    ['an endpoint that does not answer', { endpoint: 'http://127.0.0.1:9' }, undefined, 'address', '127.0.0.1'],
    ['a root that the table is not in', { roots: ['gs://other'] }, undefined, 'storage', 'not allowed to read'],
    ['an invalid key', {}, 'hunter2', 'storage', 'service account key'],
  ] as const)('reports what fails: %s', async (_what, change, key, step, words) => {
    const result = await tryGoogle(change as Parameters<typeof tryGoogle>[0], key)
    expect(states(result)).toContain(`${step} failed`)
    expect(detailOf(result, step)).toContain(words)
    expect(JSON.stringify(result)).not.toContain('hunter2')
  })

  test('reports that the credentials are not accepted', async () => {
    gcs.token = 'another'
    const result = await tryGoogle({})
    expect(detailOf(result, 'storage')).toContain('does not accept the credentials')
  })
})

test('A saved connection stores its test result, with an audit row that names the failed step', async () => {
  catalog.on('GET /v1/config', errorReply(401, 'NotAuthorizedException'))
  const settings = rest({ auth: { kind: 'bearer' } })
  const form = { name: 'far', settings, secrets: { token: 'hunter2-of-the-test' } }
  const connectionId = await addConnection(home.services, form, { actor, requestId: 'r1' })
  const result = await testSavedConnection(home.services, connectionId, context())
  expect((await listConnectionEntries(home.database))[0]?.lastTest).toEqual(result)
  expect(await listAudit(home.database, { limit: 1 })).toMatchObject([
    {
      action: 'fail-connection-test',
      after: { connection: { name: 'far', address: catalog.uri, failedStep: 'login' } },
    },
  ])
  // Secrets that the form leaves out come from the saved connection and are sent nowhere else.
  await testUnsavedConnection(home.services, { settings, secrets: {} }, connectionId, context())
  expect(catalog.lastRequest().headers.get('authorization')).toBe('Bearer hunter2-of-the-test')
  await expect(
    testUnsavedConnection(
      home.services,
      { settings: { ...settings, uri: 'https://evil.example' }, secrets: {} },
      connectionId,
      context(),
    ),
  ).rejects.toMatchObject({ code: 'invalid-request' })
})

test('The audit of a test has the typed name and the address, without what may be secret, and shows a failure', async () => {
  const newest = async () => {
    const [entry] = await listAudit(home.database, { limit: 1 })
    return entry && { after: entry.after, view: toAuditEntryView(home.services.keys, entry, { shows: 'alone' }) }
  }
  const port = await closedPort()
  const settings = rest({ uri: `http://127.0.0.1:${port}/hunter2-path` })
  await testUnsavedConnection(home.services, { name: 'nessie', settings, secrets: {} }, null, context())
  expect(await newest()).toMatchObject({
    after: { connection: { name: 'nessie', address: `http://127.0.0.1:${port}`, failedStep: 'address' } },
    view: { outcome: 'failed', subject: { kind: 'connection', name: 'nessie' } },
  })
  await testUnsavedConnection(home.services, { settings, secrets: {} }, null, context())
  const unnamed = await newest()
  expect(unnamed).toMatchObject({
    after: { connection: { name: null } },
    view: { outcome: 'failed', subject: { kind: 'connection', name: `http://127.0.0.1:${port}` } },
  })
  expect(JSON.stringify(unnamed)).not.toContain('hunter2')
})

describe('Steps', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  test('that take too long have failed, and unexpected errors are logged without their message', async () => {
    const time = useTestClock()
    const slow = new TestSteps(home.services.log, new AbortController().signal)
    const attempt = slow.attempt('address', () => new Promise(() => {}))
    await time.advance(STEP_TIMEOUT_MS)
    expect(await attempt).toBeNull()
    expect(slow.result(1).steps[0]).toEqual({ step: 'address', state: 'failed', detail: 'No answer within 8 s.' })
    const broken = new TestSteps(home.services.log, new AbortController().signal)
    expect(await broken.attempt('login', () => Promise.reject(new Error('secret words')))).toBeNull()
    expect(JSON.stringify(broken.result(1))).not.toContain('secret words')
  })

  test('end when the request is aborted', async () => {
    const left = new AbortController()
    const steps = new TestSteps(home.services.log, left.signal)
    const attempt = steps.attempt('address', () => new Promise(() => {}))
    left.abort(new Error('left'))
    await expect(attempt).rejects.toThrow('left')
  })

  test('report what a catalog would have to offer', async () => {
    catalog.on('GET /v1/config', config(['GET /v1/{prefix}/namespaces/{namespace}']))
    const result = await tryForm(rest())
    expect(states(result)[3]).toBe('warehouse failed')
    expect(detailOf(result, 'warehouse')).toBe('The catalog does not support the endpoint GET /v1/{prefix}/namespaces.')
  })

  test('never follow a catalog to another host', async () => {
    const seen: string[] = []
    const other = createServer((request, response) => {
      seen.push(String(request.url))
      response.end('{}')
    })
    servers.push(other)
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const location = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}/v1/config` : ''
    catalog.on('GET /v1/config', { status: 307, headers: { location } })
    const result = await tryForm(rest({ auth: { kind: 'bearer' } }), { token: 'hunter2' })
    expect(states(result)[0]).toBe('address failed')
    expect(detailOf(result, 'address')).toContain('redirects to')
    expect(seen).toEqual([])
  })
})

/** The metadata of a table without a snapshot. */
function metadataText(location = 'file:///lake/demo/flights'): string {
  const none = { currentSnapshotId: null, snapshots: [], snapshotLog: [], refs: {} }
  return writeTableMetadata(sampleMetadata({ location, ...none }))
}

async function closedPort(): Promise<number> {
  const server = createNetServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 1
}
