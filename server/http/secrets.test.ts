import { generateKeyPairSync } from 'node:crypto'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ConnectionAuth, ConnectionSettings } from '@/lib/contract/connections'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { GcsStandIn } from '@/testing/stores/gcs-stand-in'
import { createRestClient } from '@/testing/catalogs/rest-client'
import { AzureStandIn } from '@/testing/stores/azure-stand-in'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { RestCatalogStandIn } from '@/testing/catalogs/rest-catalog-stand-in'
import { rawQuery, tableNames } from '@/testing/databases/test-sql'
import { signIn } from '@/server/auth/sign-in/sign-in'
import { serveTokenRequest } from '@/server/iceberg-rest/oauth-token'

/**
 * Sends recognizable secrets through every endpoint that takes one, then looks for them in everything that leaves:
 * responses, log lines and the database. The fake catalogs and store repeat what they receive, as some real ones do.
 */

const lines: string[] = []
const writer = { write: (line: string) => lines.push(line), on: () => writer }
vi.spyOn(pino, 'destination').mockImplementation((() => writer) as never)

const s3 = new S3StandIn()
const home = createTestHome({
  LAKESHORE_LOG_LEVEL: 'debug',
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: await s3.start(),
  LAKESHORE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
  LAKESHORE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
})
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

const SECRETS = {
  password: 'Pass-w0rd+of/the=admin',
  wrongPassword: 'Wr0ng-guess+of/the=admin',
  newPassword: 'N3w-pass+of/the=admin!',
  token: 'bearer-5ecret+of/the=test',
  clientSecret: 'client-5ecret+of/the=test',
  basic: 'basic-5ecret:of/the=test',
  secretAccessKey: 'sigv4-5ecret+of/the=test',
  sessionToken: 'session-5ecret+of/the=test',
  header: 'header-5ecret+of/the=test',
  storage: 'storage-5ecret+of/the=test',
  storageSession: 'storage-session-5ecret+of/the=test',
  accountKey: Buffer.from('account-5ecret+of/the=test').toString('base64'),
  sas: 'sas-5ecret+of/the=test',
  entra: 'entra-5ecret+of/the=test',
  privateKey: privateKey.split('\n')[8] ?? '',
  own: 'own-5ecret+of/the=test',
  search: 'search-5ecret+of/the=test',
  issued: 'issued-5ecret-by-the-token-server',
  s3: KEYS.secretAccessKey,
}

const answers: string[] = []
/** Token texts. The response that created one may contain it: the test keeps it here, not among the responses. */
const issuedSecrets: string[] = []
let remote: RestCatalogStandIn
let admin: SignedInUser

beforeAll(async () => {
  remote = await RestCatalogStandIn.start()
  admin = await signInAs(home.services, 'admin', { passwordHash: await home.services.passwords.hash(SECRETS.password) })
})
afterAll(async () => {
  await remote.stop()
  await s3.stop()
})

async function readAnswer(response: Response): Promise<{ status: number; json: Record<string, unknown> }> {
  const text = await response.text()
  answers.push(`${response.status} ${JSON.stringify([...response.headers])} ${text}`)
  return { status: response.status, json: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {} }
}

async function callEndpoint(name: string, fields: Record<string, unknown> = {}, params: Record<string, string> = {}) {
  const endpoint = findEndpoint(name)
  const hasBody = endpoint.method === 'POST' || endpoint.method === 'PUT'
  const query = hasBody ? '' : `?${new URLSearchParams(fields as Record<string, string>)}`
  const request = new Request(`http://test/x${query}`, {
    method: endpoint.method,
    headers: { cookie: admin.cookie, ...(hasBody && { 'content-type': 'application/json' }) },
    ...(hasBody && { body: JSON.stringify(fields) }),
  })
  const handler = await loadRouteHandler(home.services, endpoint)
  return handler(request, { params: Promise.resolve(params) })
}

/** The forms in which a secret may be written: in a header, a URL, a form or an escaped text. */
function encodedForms(secret: string): string[] {
  const bytes = Buffer.from(secret)
  // Inside a longer base64 text the letters of a secret depend on its offset; the outer ones encode neighbours too.
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift, 'x'), bytes])
      .toString('base64')
      .slice(4, -6),
  )
  return [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ s: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('hex'),
    ...shifted,
    ...shifted.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ]
}

function expectNone(texts: readonly string[], what: string, secrets: readonly string[] = Object.values(SECRETS)): void {
  const found = secrets.flatMap((secret) =>
    encodedForms(secret).flatMap((form) =>
      texts.filter((text) => text.includes(form)).map((text) => `${form} in ${text}`),
    ),
  )
  expect(found, what).toEqual([])
}

const AUTHS: [ConnectionAuth, Record<string, string>][] = [
  [{ kind: 'none' }, {}],
  [{ kind: 'bearer' }, { token: SECRETS.token }],
  [
    { kind: 'oauth2', tokenUri: null, clientId: 'c', scope: null, audience: null, resource: null },
    { clientSecret: SECRETS.clientSecret },
  ],
  [{ kind: 'basic', username: 'u' }, { password: SECRETS.basic }],
  [
    { kind: 'sigv4', region: 'eu-west-1', service: 'glue', credentials: { kind: 'keys', accessKeyId: 'AKIDTEST' } },
    { secretAccessKey: SECRETS.secretAccessKey, sessionToken: SECRETS.sessionToken },
  ],
]

/** Repeats everything that the request contained, as a refusal. */
const echoRequest = (status: number) => (request: { headers: Headers; body: string }) => ({
  status,
  headers: { 'x-repeated': request.headers.get('authorization') ?? '' },
  body: {
    error: { code: status, type: 'BadRequestException', message: JSON.stringify([...request.headers, request.body]) },
  },
})

describe.each(AUTHS)('A connection with the login %j', (auth, secrets) => {
  const name = `c-${auth.kind}`
  const settings = (): ConnectionSettings => ({
    kind: 'rest',
    uri: remote.uri,
    warehouse: null,
    prefix: null,
    auth,
    headerNames: ['X-Realm'],
    delegation: 'none',
    storage: {
      kind: 's3',
      roots: ['s3://far'],
      endpoint: remote.uri,
      region: 'eu-west-1',
      isPathStyle: true,
      credentials: { kind: 'keys', accessKeyId: 'AKIDTEST' },
    },
    mappings: [],
    ownCredentials: auth.kind === 'none' ? 'off' : 'allowed',
    ...(auth.kind !== 'none' && { searchCredentials: { identity: auth.kind === 'bearer' ? null : 'me' } }),
  })
  const given = {
    ...secrets,
    'header:x-realm': SECRETS.header,
    storageSecretAccessKey: SECRETS.storage,
    storageSessionToken: SECRETS.storageSession,
    ...(auth.kind !== 'none' && { searchSecret: SECRETS.search }),
  }

  it('is added, tested, listed, changed, used and refused', async () => {
    const form = { name, settings: settings(), secrets: given }
    const { status, json } = await readAnswer(await callEndpoint('addConnection', form))
    expect(status).toBe(200)
    const connection = String(json['connectionId'])
    await readAnswer(await callEndpoint('addConnection', form))
    await readAnswer(await callEndpoint('addConnection', { ...form, name: 'bad name!' }))
    await readAnswer(
      await callEndpoint('addConnection', { ...form, name: 'other', secrets: { ...given, unknown: SECRETS.token } }),
    )
    remote.on('POST /v1/oauth/tokens', { body: { access_token: SECRETS.issued, token_type: 'bearer', expires_in: 60 } })
    for (const code of [200, 400, 401, 403, 404, 409, 422]) {
      remote.on('GET /v1/config', code === 200 ? { body: { defaults: {}, overrides: {} } } : echoRequest(code))
      remote.on('GET /v1/namespaces', echoRequest(code === 200 ? 403 : code))
      await readAnswer(await callEndpoint('testConnection', {}, { connection }))
      await readAnswer(await callEndpoint('testConnectionForm', { settings: settings(), secrets: given }))
    }
    remote.on('GET /v1/config', { body: { defaults: {}, overrides: {} } })
    for (const code of [400, 403, 404, 422]) {
      remote.on('GET /v1/namespaces', echoRequest(code))
      await readAnswer(await callEndpoint('listNamespaces', {}, { catalog: name }))
    }
    remote.on('POST /v1/oauth/tokens', (request) => ({
      status: 400,
      body: { error: 'invalid_client', error_description: request.body },
    }))
    await readAnswer(await callEndpoint('testConnectionForm', { settings: settings(), secrets: given }))
    remote.on('POST /v1/oauth/tokens', (request) => ({ status: 200, body: request.body }))
    await readAnswer(await callEndpoint('testConnectionForm', { settings: settings(), secrets: given }))
    const own = { identity: 'me', secret: SECRETS.own }
    await readAnswer(await callEndpoint('setOwnCredentials', own, { catalog: name }))
    await readAnswer(await callEndpoint('listNamespaces', {}, { catalog: name }))
    await readAnswer(await callEndpoint('listOwnCredentials'))
    await readAnswer(await callEndpoint('listConnections'))
    await readAnswer(await callEndpoint('getConnection', {}, { connection }))
    await readAnswer(await callEndpoint('listCatalogs'))
    const moved = { ...settings(), uri: 'https://evil.example' }
    await readAnswer(
      await callEndpoint('changeConnection', { name, settings: moved, secrets: {}, version: 1 }, { connection }),
    )
    await readAnswer(
      await callEndpoint(
        'changeConnection',
        { name, settings: settings(), secrets: given, version: 1 },
        { connection },
      ),
    )
    expect(remote.received.length).toBeGreaterThan(0)
  })
})

describe.each([
  ['account-key', { kind: 'account-key' }, { storageAccountKey: SECRETS.accountKey }],
  ['sas', { kind: 'sas' }, { storageSas: `sv=2023-11-03&sig=${encodeURIComponent(SECRETS.sas)}` }],
  ['client-secret', null, { storageClientSecret: SECRETS.entra }],
] as const)('Tables in an Azure account opened with %s', (name, credentials, secrets) => {
  it('are added, tested, listed and refused', async () => {
    const azure = new AzureStandIn()
    const endpoint = await azure.start()
    azure.faultFor = ({ method, path, query, headers }) => {
      const code = JSON.stringify([method, path, [...query], headers])
      return { kind: 'answer', status: 403, headers: { 'x-ms-error-code': code }, code, body: code }
    }
    const root = 'abfss://lake@acme.dfs.core.windows.net'
    const entra = { kind: 'client-secret', tenantId: 't', clientId: 'c', authority: remote.uri }
    remote.on('POST /t/oauth2/v2.0/token', (request) => ({ status: 400, body: request.body }))
    const settings = {
      kind: 'files',
      tables: [{ namespace: 'a', table: 't', metadataLocation: `${root}/t` }],
      storage: { kind: 'azure', roots: [root], endpoint, credentials: credentials ?? entra },
      mappings: [],
    }
    const added = await readAnswer(await callEndpoint('addConnection', { name, settings, secrets }))
    expect(added.status).toBe(200)
    const connection = String(added.json['connectionId'])
    const tested = await readAnswer(await callEndpoint('testConnection', {}, { connection }))
    expect(JSON.stringify(tested.json)).toContain('"failed"')
    await readAnswer(await callEndpoint('testConnectionForm', { settings, secrets }))
    const table = await readAnswer(await callEndpoint('getTable', {}, { catalog: name, namespace: 'a', table: 't' }))
    expect(table.status).toBeGreaterThanOrEqual(400)
    expect(credentials === null || azure.received.length > 0).toBe(true)
    await readAnswer(await callEndpoint('getConnection', {}, { connection }))
    await readAnswer(await callEndpoint('listConnections'))
    const moved = { ...settings, storage: { ...settings.storage, endpoint: 'https://evil.example' } }
    await readAnswer(
      await callEndpoint('changeConnection', { name, settings: moved, secrets: {}, version: 1 }, { connection }),
    )
    await azure.stop()
  })
})

describe('Tables in Google’s store, opened with the key of a service account', () => {
  it('are added, tested, listed and refused', async () => {
    const gcs = new GcsStandIn()
    const endpoint = await gcs.start()
    gcs.faultFor = ({ method, path, query, headers }) => {
      const code = JSON.stringify([method, path, [...query], headers])
      return { kind: 'answer', status: 403, code, body: `<Error><Code>${code}</Code></Error>` }
    }
    const key = { client_email: 'a@b.example', private_key: privateKey, token_uri: `${remote.uri}/token` }
    const secrets = { storageServiceAccountKey: JSON.stringify(key) }
    const name = 'google'
    const storage = { kind: 'gcs', roots: ['gs://lake'], endpoint, credentials: { kind: 'service-account' } }
    const tables = [{ namespace: 'a', table: 't', metadataLocation: 'gs://lake/t' }]
    const settings = { kind: 'files', tables, storage, mappings: [] }
    remote.on('POST /token', { body: { access_token: SECRETS.issued, expires_in: 3_600 } })
    const added = await readAnswer(await callEndpoint('addConnection', { name, settings, secrets }))
    expect(added.status).toBe(200)
    const connection = String(added.json['connectionId'])
    const tested = await readAnswer(await callEndpoint('testConnection', {}, { connection }))
    expect(JSON.stringify(tested.json)).toContain('"failed"')
    expect(gcs.received.length).toBeGreaterThan(0)
    remote.on('POST /token', (request) => ({
      status: 400,
      body: { error: request.body, error_description: request.body },
    }))
    const half = { storageServiceAccountKey: secrets.storageServiceAccountKey.slice(0, -2) }
    for (const given of [secrets, half])
      await readAnswer(await callEndpoint('testConnectionForm', { settings, secrets: given }))
    const table = await readAnswer(await callEndpoint('getTable', {}, { catalog: name, namespace: 'a', table: 't' }))
    expect(table.status).toBeGreaterThanOrEqual(400)
    await readAnswer(await callEndpoint('getConnection', {}, { connection }))
    await readAnswer(await callEndpoint('listConnections'))
    const moved = { ...settings, storage: { ...storage, endpoint: 'https://evil.example' } }
    await readAnswer(
      await callEndpoint('changeConnection', { name, settings: moved, secrets: {}, version: 1 }, { connection }),
    )
    await gcs.stop()
  })
})

describe('Signing in', () => {
  it('with a right and a wrong password, and a change of password', async () => {
    const { username } = admin
    await signIn(home.services, { username, password: SECRETS.password, address: '203.0.113.1', requestId: 'r' })
    await signIn(home.services, {
      username,
      password: SECRETS.wrongPassword,
      address: '203.0.113.2',
      requestId: 'r',
    }).catch((error: unknown) => answers.push(JSON.stringify(error), String(error)))
    const wrong = { currentPassword: SECRETS.wrongPassword, newPassword: SECRETS.newPassword }
    await readAnswer(await callEndpoint('changePassword', wrong))
    const right = { currentPassword: SECRETS.password, newPassword: SECRETS.newPassword }
    expect((await readAnswer(await callEndpoint('changePassword', right))).status).toBe(200)
  })
})

describe('Tokens', () => {
  const exchanged = async (secret: string, headers: Record<string, string> = {}) =>
    serveTokenRequest(
      home.services,
      new Request('http://test/iceberg/v1/oauth/tokens', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams({ grant_type: 'client_credentials', client_secret: secret }),
      }),
      'r1',
    )

  it('are returned when they are created, and accepted as credentials', async () => {
    const response = await callEndpoint('createToken', { name: 'engine', role: 'editor', days: 1 })
    expect(response.status).toBe(200)
    const { secret: text, token } = (await response.json()) as { secret: string; token: { tokenId: string } }
    issuedSecrets.push(text, text.split('_')[2] ?? '')
    await readAnswer(await callEndpoint('listTokens'))
    await readAnswer(await exchanged(SECRETS.token))
    await readAnswer(await exchanged(`${text.slice(0, -1)}_`))
    const issued = (await (await exchanged(text)).json()) as { access_token: string }
    issuedSecrets.push(issued.access_token)
    const client = createRestClient(home.services, text)
    for (const [method, path] of [
      ['GET', 'config?warehouse=local'],
      ['GET', 'local/namespaces/none'],
      ['GET', 'none/namespaces'],
    ] as const) {
      answers.push(JSON.stringify(await client(method, path)))
    }
    answers.push(JSON.stringify(await createRestClient(home.services, `${text}x`)('GET', 'local/namespaces')))
    answers.push(JSON.stringify(await createRestClient(home.services, SECRETS.token)('GET', 'local/namespaces')))
    await readAnswer(await callEndpoint('revokeToken', {}, { tokenId: token.tokenId }))
    answers.push(JSON.stringify(await client('GET', 'local/namespaces')))
  })
})

describe('A warehouse in S3', () => {
  it('with a store that answers, refuses and breaks', async () => {
    const created = await callEndpoint('createToken', { name: 'engine2', role: 'editor', days: 1 })
    const { secret: text } = (await created.json()) as { secret: string }
    issuedSecrets.push(text)
    const client = createRestClient(home.services, text)
    const headers = { 'x-iceberg-access-delegation': 'vended-credentials,remote-signing' }
    const schema = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
    const send = async (method: string, path: string, body?: Parameters<typeof client>[2]) => {
      const answer = await client(method, path, { headers, ...body })
      answers.push(JSON.stringify([answer.status, [...answer.headers], answer.body]))
      return answer
    }
    await send('POST', 'local/namespaces', { body: { namespace: ['a'] } })
    expect((await send('POST', 'local/namespaces/a/tables', { body: { name: 't', schema } })).status).toBe(200)
    const loaded = await send('GET', 'local/namespaces/a/tables/t')
    expect(loaded.body['config']).toMatchObject({ 's3.remote-signing-enabled': 'true' })
    await send('GET', 'local/namespaces/a/tables/t/credentials')
    const uri = `${process.env['LAKESHORE_S3_ENDPOINT']}/lake/wh/a/t/data/x`
    const signing = { region: 'us-east-1', uri, method: 'GET', headers: {} }
    expect((await send('POST', 'local/namespaces/a/tables/t/sign', { body: signing })).status).toBe(200)
    await send('POST', 'local/namespaces/a/tables/t/sign', { body: { ...signing, uri: uri.replace('/t/', '/u/') } })
    for (const [status, code] of [
      [403, 'SignatureDoesNotMatch'],
      [400, 'AuthorizationHeaderMalformed'],
      [404, 'NoSuchBucket'],
    ] as const) {
      s3.faultFor = () => ({ kind: 'answer', status, code })
      const failed = await send('POST', 'local/namespaces/a/tables', { body: { name: `t${status}`, schema } })
      expect(failed.status).toBeGreaterThanOrEqual(400)
      await readAnswer(await callEndpoint('getTable', {}, { catalog: 'local', namespace: 'a', table: 't' }))
    }
  })
})

describe('No secret is', () => {
  it('in a response', () => {
    expect(answers.length).toBeGreaterThan(100)
    expectNone(answers, 'answers')
    expectNone(answers, 'answers', issuedSecrets)
  })

  it('in the log', () => {
    expect(lines.length).toBeGreaterThan(20)
    expectNone(lines, 'log')
    expectNone(lines, 'log', issuedSecrets)
    expectNone(lines, 'log', [admin.cookie.split('=')[1] ?? 'none'])
  })

  it('in the database, in any table', async () => {
    const database = home.database
    const tables = await database.read(tableNames())
    const rows: string[] = []
    for (const { name } of tables) {
      for (const row of await database.read(rawQuery(`SELECT * FROM "${name}"`))) {
        for (const [column, value] of Object.entries(row)) {
          const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)
          rows.push(`${name}.${column}: ${text}`)
        }
      }
    }
    expect(rows.some((row) => row.startsWith('connections.'))).toBe(true)
    expect(rows.some((row) => row.startsWith('audit'))).toBe(true)
    expectNone(rows, 'database')
    expectNone(rows, 'database', issuedSecrets)
  })
})
