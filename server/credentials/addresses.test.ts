import { describe, expect, test } from 'vitest'
import type { RestConnection } from '@/lib/contract/connections'
import { createTestHome } from '@/testing/homes/test-home'
import { normalizeAddress, resolveAddresses } from './addresses'
import { normalizeSettings } from '@/server/connections/normalize-settings'

const home = createTestHome()

const METADATA = [
  'http://169.254.169.254',
  'http://169.254.169.254:80/latest/meta-data',
  'http://2852039166',
  'http://0xa9.0xfe.0xa9.0xfe',
  'http://0251.0376.0251.0376',
  'http://[::ffff:169.254.169.254]',
  'http://[::ffff:a9fe:a9fe]:8080/',
  'http://[64:ff9b::a9fe:a9fe]',
  'http://[2002:a9fe:a9fe::1]',
  'http://[fe80::1]',
  'http://[fd00:ec2::254]',
  'http://１６９.254.169.254',
  'http://169。254。169。254',
  'http://100.100.100.200',
]

const REST: RestConnection = {
  kind: 'rest',
  uri: 'https://catalog.example',
  warehouse: null,
  prefix: null,
  auth: { kind: 'none' },
  headerNames: [],
  delegation: 'none',
  storage: null,
  mappings: [],
  ownCredentials: 'off',
}
const oauth2 = { kind: 'oauth2' as const, clientId: 'a', scope: null, audience: null, resource: null }
const azure = { kind: 'azure' as const, roots: ['abfss://lake@acme.dfs.core.windows.net'] }
const client = { kind: 'client-secret' as const, tenantId: 't', clientId: 'c' }
const gcs = { kind: 'gcs' as const, roots: ['gs://bucket'], credentials: { kind: 'machine' as const } }
const s3 = { kind: 's3' as const, roots: ['s3://bucket'], region: 'r', isPathStyle: true }

describe.each(METADATA)('A connection to %s, the address of a metadata server, is refused', (address) => {
  test.each([
    ['as catalog', { uri: address }],
    ['as token server', { auth: { ...oauth2, tokenUri: address } }],
    ['as store', { storage: { ...s3, endpoint: address, credentials: { kind: 'anonymous' as const } } }],
    ['as Google’s store', { storage: { ...gcs, endpoint: address } }],
    ['as Azure account', { storage: { ...azure, endpoint: address, credentials: { kind: 'sas' as const } } }],
    ['as its token server', { storage: { ...azure, endpoint: null, credentials: { ...client, authority: address } } }],
  ])('%s', (_as, change) => {
    expect(() => normalizeSettings(home.config, { ...REST, ...change })).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    )
  })

  test('also when a name resolves to it', async () => {
    await expect(resolveAddresses(new URL(address))).rejects.toMatchObject({ code: 'forbidden' })
  })
})

test.each(['@127.0.0.1:9000/', 'x.example/?', 'x.example#', 'us.east', 'US East', 'a:b'])(
  'The region %j, which would be read as another host than AWS’s, is refused if it becomes part of a host name',
  (region) => {
    const stored = (endpoint: string | null) =>
      normalizeSettings(home.config, {
        ...REST,
        storage: { ...s3, endpoint, region, credentials: { kind: 'anonymous' } },
      })
    expect(() => stored(null)).toThrow(expect.objectContaining({ code: 'invalid-request' }))
    // Other stores choose their region names freely: the region is only signed and not part of a host name.
    expect(stored('https://s3.example')).toMatchObject({ storage: { region } })
  },
)

test.each([
  'file:///etc/passwd',
  'ftp://catalog.example',
  'gopher://127.0.0.1:6379/_INFO',
  'javascript:alert(1)',
  'unix:/var/run/docker.sock',
  '//catalog.example',
  'catalog.example',
  'https://user:secret@catalog.example',
  'https://catalog.example?token=secret',
  'https://catalog.example#x',
  'http://',
  '',
])('%j is refused as the URL of a catalog, and is not repeated', (address) => {
  const normalize = () => normalizeAddress(address, 'The URL')
  expect(normalize).toThrow(expect.objectContaining({ code: 'invalid-request' }))
  expect(normalize).not.toThrow(/secret/)
})

test.each(['http://127.0.0.1:8181', 'http://localhost:8181', 'http://10.0.0.5/api', 'http://[::1]:8181'])(
  'a catalog in a private network is allowed: %s',
  (address) => {
    expect(normalizeAddress(`${address}/`, 'The URL')).toBe(address)
  },
)
