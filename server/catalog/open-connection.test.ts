import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RestConnection } from '@/lib/contract/connections'
import { createTestHome } from '@/testing/homes/test-home'
import { RestCatalogStandIn } from '@/testing/catalogs/rest-catalog-stand-in'
import { openConnectionStore } from './open-connection'

const home = createTestHome()

let remote: RestCatalogStandIn
beforeAll(async () => {
  remote = await RestCatalogStandIn.start()
  remote
    .on('GET /v1/namespaces', { body: { namespaces: [] } })
    .on('POST /v1/oauth/tokens', { body: { access_token: 'made', token_type: 'bearer' } })
})
afterAll(() => remote.stop())

const settings = (change: Partial<RestConnection>): RestConnection => ({
  kind: 'rest',
  uri: remote.uri,
  warehouse: null,
  prefix: null,
  auth: { kind: 'none' },
  headerNames: [],
  delegation: 'none',
  storage: null,
  mappings: [],
  ownCredentials: 'off',
  ...change,
})
const OAUTH = {
  kind: 'oauth2' as const,
  tokenUri: null,
  clientId: 'shared',
  scope: 'all',
  audience: null,
  resource: null,
}
const SIGV4 = {
  kind: 'sigv4' as const,
  region: 'eu',
  service: 'glue',
  credentials: { kind: 'keys' as const, accessKeyId: 'SHARED' },
}
const OWN_CREDENTIALS = { identity: 'ann', secret: 'of ann' }
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test.each([
  ['none', { auth: { kind: 'none' } }, {}, null, null],
  ['token', { auth: { kind: 'bearer' } }, { token: 't' }, null, 'Bearer t'],
  ['own token', { auth: { kind: 'bearer' } }, { token: 't' }, OWN_CREDENTIALS, 'Bearer of ann'],
  ['password', { auth: { kind: 'basic', username: 'bob' } }, { password: 'p' }, null, basic('bob:p')],
  [
    'own password',
    { auth: { kind: 'basic', username: 'bob' } },
    { password: 'p' },
    OWN_CREDENTIALS,
    basic('ann:of ann'),
  ],
  ['client', { auth: OAUTH }, { clientSecret: 's' }, null, 'Bearer made'],
  ['own client', { auth: OAUTH }, { clientSecret: 's' }, OWN_CREDENTIALS, 'Bearer made'],
  [
    'key',
    { auth: SIGV4 },
    { secretAccessKey: 's', sessionToken: 'x' },
    null,
    expect.stringContaining('Credential=SHARED/'),
  ],
  ['own key', { auth: SIGV4 }, { secretAccessKey: 's' }, OWN_CREDENTIALS, expect.stringContaining('Credential=ann/')],
] as [string, Partial<RestConnection>, Record<string, string>, typeof OWN_CREDENTIALS | null, unknown][])(
  'A client signs in to a catalog with the %s of the settings',
  async (_what, change, secrets, own, expected) => {
    const catalog = await home.services.catalogs.connect({ name: 'far', settings: settings(change), secrets, own })
    await catalog.listNamespaces(null)
    expect(remote.lastRequest().headers.get('authorization')).toEqual(expected)
    const tokenRequest = remote.received.findLast(({ path }) => path === '/v1/oauth/tokens')
    const clientId = tokenRequest && new URLSearchParams(tokenRequest.body).get('client_id')
    expect(change.auth?.kind === 'oauth2' ? clientId : null).toBe(
      change.auth?.kind === 'oauth2' ? (own?.identity ?? 'shared') : null,
    )
  },
)

test('Headers in the settings are sent with every request', async () => {
  const connection = {
    name: 'far',
    settings: settings({ headerNames: ['X-Realm'] }),
    secrets: { 'header:x-realm': 'r' },
    own: null,
  }
  await (await home.services.catalogs.connect(connection)).listNamespaces(null)
  expect(remote.lastRequest().headers.get('x-realm')).toBe('r')
})

test('Storage opens only its roots, and a connection without storage has no store', async () => {
  const s3 = { kind: 's3' as const, roots: ['s3://lake'], endpoint: remote.uri, region: 'eu', isPathStyle: true }
  const storages = [
    { ...s3, credentials: { kind: 'keys' as const, accessKeyId: 'A' } },
    { ...s3, credentials: { kind: 'chain' as const, profile: 'prod' } },
    { ...s3, endpoint: null, credentials: { kind: 'anonymous' as const } },
  ]
  for (const storage of storages) {
    const connection = {
      name: 'far',
      settings: settings({ storage }),
      secrets: { storageSecretAccessKey: 's' },
      own: null,
    }
    const store = openConnectionStore(home.services.stores, connection)
    expect(() => store?.checkLocation('s3://lake/t')).not.toThrow()
    expect(() => store?.checkLocation('s3://other/t')).toThrow(expect.objectContaining({ code: 'location-refused' }))
    await home.services.catalogs.connect(connection)
  }
  expect(
    openConnectionStore(home.services.stores, { name: 'far', settings: settings({}), secrets: {}, own: null }),
  ).toBeNull()
})

test('An Azure account is opened as the settings say, inside its roots', async () => {
  const root = 'abfss://lake@acme.dfs.core.windows.net'
  const azure = { kind: 'azure' as const, roots: [root], endpoint: null }
  const client = { kind: 'client-secret' as const, tenantId: 't', clientId: 'c', authority: null }
  const secrets = { storageAccountKey: 'a2V5', storageSas: 'sv=1&sig=x', storageClientSecret: 's' }
  const all = [{ kind: 'account-key' as const }, { kind: 'sas' as const }, client, { kind: 'anonymous' as const }]
  for (const credentials of all) {
    const connection = { name: 'far', settings: settings({ storage: { ...azure, credentials } }), secrets, own: null }
    const store = openConnectionStore(home.services.stores, connection)
    expect(() => store?.checkLocation(`${root}/t`)).not.toThrow()
    expect(() => store?.checkLocation('abfss://lake@other.dfs.core.windows.net/t')).toThrow('not allowed to read')
    await home.services.catalogs.connect(connection)
  }
  const authority = 'http://[::ffff:169.254.169.254]'
  const storage = { ...azure, credentials: { ...client, authority } }
  const forbiddenConnection = { name: 'far', settings: settings({ storage }), secrets, own: null }
  await expect(home.services.catalogs.connect(forbiddenConnection)).rejects.toMatchObject({ code: 'forbidden' })
})

test('Google Cloud Storage is opened as the settings say, inside its roots', async () => {
  const gcs = { kind: 'gcs' as const, roots: ['gs://lake'], endpoint: null }
  for (const kind of ['service-account', 'machine', 'anonymous'] as const) {
    const storage = { ...gcs, credentials: { kind } }
    const secrets = { storageServiceAccountKey: 'none' }
    const connection = { name: 'far', settings: settings({ storage }), secrets, own: null }
    const store = openConnectionStore(home.services.stores, connection)
    expect(() => store?.checkLocation('gs://lake/t')).not.toThrow()
    expect(() => store?.checkLocation('gs://other/t')).toThrow('not allowed to read')
    expect(() => store?.checkLocation('s3://lake/t')).toThrow('not allowed to read')
    await home.services.catalogs.connect(connection)
  }
})

test('A host name that resolves to a cloud’s credential service is refused when the connection is opened', async () => {
  const storage = {
    kind: 's3' as const,
    roots: ['s3://lake'],
    endpoint: 'http://[::ffff:169.254.169.254]',
    region: 'eu',
    isPathStyle: true,
    credentials: { kind: 'anonymous' as const },
  }
  const refused = expect.objectContaining({ code: 'forbidden' })
  for (const change of [
    { uri: 'http://169.254.169.254' },
    { storage },
    { auth: { ...OAUTH, tokenUri: 'http://[fe80::1]' } },
  ]) {
    const connection = { name: 'far', settings: settings(change), secrets: { clientSecret: 's' }, own: null }
    await expect(home.services.catalogs.connect(connection)).rejects.toThrow(refused)
  }
})
