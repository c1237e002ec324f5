import { createServer, type Server } from 'node:http'
import { createServer as createNetServer } from 'node:net'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectionSettings, ConnectionTest, RestConnection } from '@/lib/contract/connections'
import { sampleMetadata } from '@/lib/iceberg/sample-metadata'
import { writeTableMetadata } from '@/lib/iceberg/metadata-json'
import { makeTestHome, signInAs } from '@/scripts/test-home'
import { errorReply, TestRestCatalog } from '@/scripts/test-rest-catalog'
import { type Actor, actorFor } from '@/server/auth/actor'
import { listAudit } from '@/server/db/audit'
import { addConnection, connectionEntries } from './connections'
import { testForm, testStored } from './test-connection'
import { TestSteps } from './test-steps'

const allowed = realpathSync(mkdtempSync(path.join(tmpdir(), 'lakeshore-roots-')))
makeTestHome({ LAKESHORE_LOCAL_ROOTS: allowed })
afterAll(() => rmSync(allowed, { recursive: true }))

let actor: Actor
let catalog: TestRestCatalog
const asked = () => ({ actor, requestId: 'r1', signal: new AbortController().signal })
beforeAll(async () => {
  const { userId, username } = await signInAs('admin')
  actor = actorFor({ userId, username, role: 'admin' })
  catalog = await TestRestCatalog.start()
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

const tryForm = (settings: ConnectionSettings, secrets = {}) => testForm({ settings, secrets }, null, asked())
const states = ({ steps }: ConnectionTest) => steps.map(({ step, state }) => `${step} ${state}`)
const detailOf = ({ steps }: ConnectionTest, step: string) => steps.find((told) => told.step === step)?.detail

describe('A test names what fails', () => {
  test('a host that nobody knows', async () => {
    const found = await tryForm(rest({ uri: 'https://no-such-host.invalid' }))
    expect(states(found)).toEqual([
      'address failed',
      'tls skipped',
      'login skipped',
      'warehouse skipped',
      'storage skipped',
    ])
    expect(detailOf(found, 'address')).toMatch(/no-such-host\.invalid.*(No such host|name servers)/)
  })

  test('a port on which nothing listens', async () => {
    const found = await tryForm(rest({ uri: `http://127.0.0.1:${await closedPort()}` }))
    expect(states(found)[0]).toBe('address failed')
    expect(detailOf(found, 'address')).toContain('Nothing listens there')
  })

  test('a server that speaks no TLS', async () => {
    const found = await tryForm(rest({ uri: catalog.uri.replace('http:', 'https:') }))
    expect(states(found).slice(0, 3)).toEqual(['address ok', 'tls failed', 'login skipped'])
    expect(detailOf(found, 'tls')).toContain('Does the port speak https?')
  })

  test('a login that is refused, or wanted where none is set', async () => {
    catalog.on('GET /v1/config', errorReply(401, 'NotAuthorizedException'))
    const without = await tryForm(rest())
    expect(states(without).slice(1)).toEqual(['tls skipped', 'login failed', 'warehouse skipped', 'storage skipped'])
    expect(detailOf(without, 'login')).toContain('choose one')
    const refused = await tryForm(rest({ auth: { kind: 'bearer' } }), { token: 'hunter2-of-the-test' })
    expect(states(refused)[2]).toBe('login failed')
    expect(catalog.last().headers.get('authorization')).toBe('Bearer hunter2-of-the-test')
    expect(JSON.stringify([refused, listAudit({ limit: 5 })])).not.toContain('hunter2')
  })

  test('a token server that is not there, or refuses', async () => {
    catalog.on('GET /v1/config', config())
    const auth = { kind: 'oauth2' as const, clientId: 'a', scope: null, audience: null, resource: null }
    const away = await tryForm(rest({ auth: { ...auth, tokenUri: `http://127.0.0.1:${await closedPort()}` } }), {
      clientSecret: 's',
    })
    expect(states(away).slice(0, 4)).toEqual(['address ok', 'tls skipped', 'login failed', 'warehouse skipped'])
    catalog.on('POST /tokens', { status: 401, body: { error: 'invalid_client' } })
    const refused = await tryForm(rest({ auth: { ...auth, tokenUri: `${catalog.uri}/tokens` } }), { clientSecret: 's' })
    expect(states(refused)[2]).toBe('login failed')
    expect(detailOf(refused, 'login')).toContain('invalid_client')
  })

  test('a warehouse that is not there, or not for us', async () => {
    catalog.on('GET /v1/config', errorReply(404, 'NoSuchWarehouseException', 'Unknown warehouse: lake'))
    const unknown = await tryForm(rest({ warehouse: 'lake' }))
    expect(states(unknown).slice(2)).toEqual(['login ok', 'warehouse failed', 'storage skipped'])
    expect(detailOf(unknown, 'warehouse')).toContain('Is lake its name there?')
    catalog.on('GET /v1/config', errorReply(403, 'ForbiddenException', 'no'))
    expect(states(await tryForm(rest())).slice(2, 4)).toEqual(['login ok', 'warehouse failed'])
  })

  test('a server that is no catalog', async () => {
    catalog.on('GET /v1/config', { body: '<html>hello</html>' })
    const found = await tryForm(rest())
    expect(states(found)[3]).toBe('warehouse failed')
    expect(detailOf(found, 'warehouse')).toContain('/v1/config')
  })

  test('a folder that may be listed but is empty, and one that a link leads out of', async () => {
    catalog.on('GET /v1/config', config()).on('GET /v1/namespaces', { body: { namespaces: [] } })
    await mkdir(path.join(allowed, 'wh'))
    const inside = await tryForm(rest({ storage: { kind: 'local', roots: [`${allowed}/wh`] } }))
    expect(states(inside)).toEqual(['address ok', 'tls skipped', 'login ok', 'warehouse ok', 'storage ok'])
    expect(detailOf(inside, 'storage')).toContain('it is empty')
    await symlink('/etc', path.join(allowed, 'out'))
    const outside = await tryForm(rest({ storage: { kind: 'local', roots: [`${allowed}/out`] } }))
    expect(outside.steps.find(({ state }) => state === 'failed')?.detail).toContain('outside')
  })

  test('a table whose files are out of reach', async () => {
    const body = { 'metadata-location': 's3://elsewhere/t/v1.metadata.json', metadata: JSON.parse(metadataText()) }
    catalog
      .on('GET /v1/config', config([...ENDPOINTS, 'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}']))
      .on('GET /v1/namespaces', { body: { namespaces: [['a']] } })
      .on('GET /v1/namespaces/a/tables', { body: { identifiers: [{ namespace: ['a'], name: 't' }] } })
      .on('GET /v1/namespaces/a/tables/t', { body })
    const found = await tryForm(rest())
    expect(states(found).slice(3)).toEqual(['warehouse ok', 'storage failed'])
    expect(detailOf(found, 'warehouse')).toBe('1 namespace at the top. It can be read, not changed.')
    expect(detailOf(found, 'storage')).toMatch(/a\.t: .*s3:\/\/elsewhere.*roots/)
  })
})

describe('A test of metadata files', () => {
  test('reads each table’s metadata', async () => {
    await mkdir(path.join(allowed, 't', 'metadata'), { recursive: true })
    await writeFile(path.join(allowed, 't', 'metadata', 'v1.metadata.json'), metadataText())
    const tables = [{ namespace: ['a'], table: 't', metadataLocation: `file://${allowed}/t` }]
    const settings = {
      kind: 'files' as const,
      tables,
      storage: { kind: 'local' as const, roots: [allowed] },
      mappings: [],
    }
    const found = await tryForm(settings)
    expect(states(found)).toEqual([
      'address skipped',
      'tls skipped',
      'login skipped',
      'warehouse skipped',
      'storage ok',
    ])
    const missing = { namespace: ['a'], table: 'gone', metadataLocation: `file://${allowed}/gone` }
    const lost = await tryForm({ ...settings, tables: [...tables, missing] })
    expect(detailOf(lost, 'storage')).toContain('a.gone: There is no metadata file')
  })

  test('says that the endpoint of its bucket does not answer', async () => {
    const found = await tryForm({
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
    expect(states(found)[0]).toBe('address failed')
  })
})

test('A stored connection keeps what its test found, with an audit row that names the step', async () => {
  catalog.on('GET /v1/config', errorReply(401, 'NotAuthorizedException'))
  const settings = rest({ auth: { kind: 'bearer' } })
  const form = { name: 'far', settings, secrets: { token: 'hunter2-of-the-test' } }
  const connectionId = await addConnection(form, { actor, requestId: 'r1' })
  const found = await testStored(connectionId, asked())
  expect(connectionEntries()[0]?.lastTest).toEqual(found)
  expect(listAudit({ limit: 1 })).toMatchObject([
    { action: 'test-connection', after: { connection: { name: 'far', failedStep: 'login' } } },
  ])
  // What is not given is that of the stored one; it goes nowhere else.
  await testForm({ settings, secrets: {} }, connectionId, asked())
  expect(catalog.last().headers.get('authorization')).toBe('Bearer hunter2-of-the-test')
  await expect(
    testForm({ settings: { ...settings, uri: 'https://evil.example' }, secrets: {} }, connectionId, asked()),
  ).rejects.toMatchObject({ code: 'invalid-request' })
})

describe('Steps', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  test('that take too long have failed, and what was not expected is told as that', async () => {
    const slow = new TestSteps(new AbortController().signal, 10)
    expect(await slow.attempt('address', () => new Promise(() => {}))).toBeNull()
    expect(slow.result(1).steps[0]).toEqual({ step: 'address', state: 'failed', detail: 'No answer within 0.01 s.' })
    const broken = new TestSteps(new AbortController().signal)
    expect(await broken.attempt('login', () => Promise.reject(new Error('secret words')))).toBeNull()
    expect(JSON.stringify(broken.result(1))).not.toContain('secret words')
  })

  test('end when the person leaves', async () => {
    const left = new AbortController()
    const steps = new TestSteps(left.signal)
    const attempt = steps.attempt('address', () => new Promise(() => {}))
    left.abort(new Error('left'))
    await expect(attempt).rejects.toThrow('left')
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
    const found = await tryForm(rest({ auth: { kind: 'bearer' } }), { token: 'hunter2' })
    expect(states(found)[3]).toBe('warehouse failed')
    expect(seen).toEqual([])
  })
})

function metadataText(): string {
  return writeTableMetadata(sampleMetadata())
}

async function closedPort(): Promise<number> {
  const server = createNetServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 1
}
