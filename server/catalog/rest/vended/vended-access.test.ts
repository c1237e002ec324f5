import { describe, expect, it } from 'vitest'
import type { AzureAccess, GcsAccess, S3Access } from '@/server/locations/storage-access'
import type { VendedContext } from './vended-context'
import { earliestExpiryMs, vendedAccess } from './vended-access'

const KEYS = { 's3.access-key-id': 'AK', 's3.secret-access-key': 'SK' }
const OWN_ACCESS: S3Access = {
  kind: 's3',
  roots: ['s3://lake'],
  endpoint: 'http://10.0.0.5:9000',
  region: 'eu-west-1',
  isPathStyle: true,
  credentials: { kind: 'anonymous' },
}

const accessesFor = (change: Partial<VendedContext>) =>
  vendedAccess({
    tableLocation: 's3://lake/t/',
    config: {},
    credentials: [],
    storage: [],
    catalogUri: 'https://catalog.example.com',
    createSigner: null,
    resolve: async () => ['203.0.114.7'],
    ...change,
  })

describe('Vended config', () => {
  it('in the table’s configuration gives access to the table’s location and nothing else', async () => {
    const config = {
      ...KEYS,
      's3.session-token': 'ST',
      's3.session-token-expires-at-ms': '1700000000000',
      's3.endpoint': 'https://s3.example.com/',
      's3.path-style-access': 'TRUE',
      'client.region': 'eu-central-1',
      's3.region': 'ignored',
    }
    const accesses = await accessesFor({ config })
    expect(accesses).toEqual([
      {
        kind: 's3',
        roots: ['s3://lake/t'],
        endpoint: 'https://s3.example.com',
        reach: 'outside',
        region: 'eu-central-1',
        isPathStyle: true,
        credentials: {
          kind: 'keys',
          accessKeyId: 'AK',
          secretAccessKey: 'SK',
          sessionToken: 'ST',
          expiresAtMs: 1_700_000_000_000,
        },
      },
    ])
    expect(earliestExpiryMs(accesses)).toBe(1_700_000_000_000)
  })

  it('with credentials gives access to their prefixes, the longest first, each overriding the configuration', async () => {
    const accesses = await accessesFor({
      config: { ...KEYS, 's3.region': 'us-west-2' },
      credentials: [
        { prefix: 's3://lake/', config: { 's3.access-key-id': 'short' } },
        { prefix: 's3a://lake/t/data/', config: { 's3.access-key-id': 'long', 's3.region': 'eu-north-1' } },
        { prefix: 'gs://elsewhere', config: {} },
      ],
    })
    expect(accesses).toMatchObject([
      {
        roots: ['s3://lake/t/data'],
        region: 'eu-north-1',
        credentials: { kind: 'keys', accessKeyId: 'long', secretAccessKey: 'SK' },
      },
      {
        roots: ['s3://lake'],
        region: 'us-west-2',
        credentials: { kind: 'keys', accessKeyId: 'short', secretAccessKey: 'SK' },
      },
    ])
    expect(earliestExpiryMs(accesses)).toBe(Number.POSITIVE_INFINITY)
  })

  it('for a whole store (`s3`) gives access to the table', async () => {
    const [access] = await accessesFor({ credentials: [{ prefix: 's3', config: KEYS }] })
    expect(access).toMatchObject({ roots: ['s3://lake/t'], region: 'us-east-1', endpoint: null, isPathStyle: false })
  })

  it('without an endpoint uses that of the connection’s own storage', async () => {
    const [access] = await accessesFor({
      config: KEYS,
      storage: [OWN_ACCESS, { ...OWN_ACCESS, roots: ['s3://other'], region: 'x' }],
    })
    expect(access).toMatchObject({ endpoint: 'http://10.0.0.5:9000', region: 'eu-west-1', isPathStyle: true })
    const [elsewhere] = await accessesFor({ config: KEYS, tableLocation: 's3://new/t', storage: [OWN_ACCESS] })
    expect(elsewhere).toMatchObject({ roots: ['s3://new/t'], endpoint: 'http://10.0.0.5:9000' })
    const [own] = await accessesFor({
      config: { ...KEYS, 's3.endpoint': 'http://10.0.0.5:9000' },
      storage: [OWN_ACCESS],
    })
    expect(own).toMatchObject({ endpoint: 'http://10.0.0.5:9000', reach: 'anywhere' })
  })

  it('gives no access without keys, or for files that are not S3 objects', async () => {
    expect(await accessesFor({ config: { 's3.access-key-id': 'AK' } })).toEqual([])
    expect(await accessesFor({ config: KEYS, tableLocation: 'file:///lake/t' })).toEqual([])
    expect(await accessesFor({ config: { 's3.remote-signing-enabled': 'true' } })).toEqual([])
  })

  it('with an IP address as endpoint puts the bucket into the path', async () => {
    const [access] = await accessesFor({ config: { ...KEYS, 's3.endpoint': 'http://203.0.114.7:9000' } })
    expect(access).toMatchObject({ isPathStyle: true })
  })

  it.each([
    [{ 's3.endpoint': 'http://169.254.169.254' }],
    [{ 's3.endpoint': 'http://127.0.0.1:9000' }],
    [{ 'client.region': 'x.evil.com/#' }],
    [{ 's3.region': 'US_EAST' }],
  ])('cannot direct this server elsewhere: %j', async (config) => {
    await expect(accessesFor({ config: { ...KEYS, ...config } })).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('Vended config with an invalid expiry', () => {
  const token = { 'gcs.oauth2.token': 'T' }
  const sas = { 'adls.sas-token': 'sv=2023-11-03&se=2026-11-21T17:00:00Z&sig=abc' }
  it.each(['', ' ', '-1', '1e3', 'soon'])(
    '(%j) is used until the store refuses it, or until the expiry in the token',
    async (expiry) => {
      expect(
        earliestExpiryMs(await accessesFor({ config: { ...KEYS, 's3.session-token-expires-at-ms': expiry } })),
      ).toBe(Infinity)
      const google = { tableLocation: 'gs://lake/t', config: { ...token, 'gcs.oauth2.token-expires-at': expiry } }
      expect(earliestExpiryMs(await accessesFor(google))).toBe(Infinity)
      const azure = {
        tableLocation: 'abfss://lake@acme.dfs.core.windows.net/t',
        config: { ...sas, 'adls.sas-token-expires-at-ms': expiry },
      }
      expect(earliestExpiryMs(await accessesFor(azure))).toBe(Date.parse('2026-11-21T17:00:00Z'))
    },
  )
})

describe('Vended config for Azure', () => {
  const TABLE = 'abfss://lake@acme.dfs.core.windows.net/t'
  const SAS = 'sv=2023-11-03&se=2026-11-21T17:00:00Z&sig=abc'
  const own: AzureAccess = {
    kind: 'azure',
    roots: ['abfss://other@acme.dfs.core.windows.net'],
    endpoint: 'http://127.0.0.1:10000/acme',
    credentials: { kind: 'anonymous' },
  }
  const azureAccesses = (config: Record<string, string>, more: Partial<VendedContext> = {}) =>
    accessesFor({ tableLocation: `${TABLE}/`, config, ...more })

  it.each(['.acme.dfs.core.windows.net', '.acme.blob.core.windows.net', '.acme', ''])(
    'as adls.sas-token%s gives access to the table until it expires',
    async (suffix) => {
      const expiryConfig = { [`adls.sas-token-expires-at-ms${suffix}`]: '1700000000000' }
      const accesses = await azureAccesses({ [`adls.sas-token${suffix}`]: SAS, ...expiryConfig })
      expect(accesses).toEqual([
        {
          kind: 'azure',
          roots: [TABLE],
          endpoint: null,
          credentials: { kind: 'sas', token: SAS, expiresAtMs: 1_700_000_000_000 },
        },
      ])
      expect(earliestExpiryMs(accesses)).toBe(1_700_000_000_000)
      expect(earliestExpiryMs(await azureAccesses({ [`adls.sas-token${suffix}`]: SAS }))).toBe(
        Date.parse('2026-11-21T17:00:00Z'),
      )
    },
  )

  it('with credentials gives access to their prefixes in any spelling, and only to the location’s account', async () => {
    const accesses = await azureAccesses(
      { 'adls.sas-token.other': SAS },
      {
        credentials: [
          { prefix: 'wasbs://lake@acme.blob.core.windows.net/', config: { 'adls.sas-token.acme': `${SAS}1` } },
          { prefix: `${TABLE}/data`, config: { 'adls.token': 'T' } },
          { prefix: 'abfss://lake@third.dfs.core.windows.net/', config: {} },
          { prefix: 's3://lake', config: KEYS },
        ],
      },
    )
    expect(accesses.map(({ roots }) => roots)).toEqual([
      [`${TABLE}/data`],
      ['abfss://lake@acme.dfs.core.windows.net'],
      ['s3://lake'],
    ])
    expect(accesses).toMatchObject([
      { credentials: { kind: 'bearer', token: 'T' } },
      { credentials: { token: `${SAS}1` } },
      { credentials: { kind: 'keys' } },
    ])
    expect(await azureAccesses({ 'adls.sas-token.other': SAS })).toEqual([])
  })

  it('for a whole store (`abfss`) gives access to the table', async () => {
    const accesses = await azureAccesses({}, { credentials: [{ prefix: 'abfss://', config: { 'adls.token': 'T' } }] })
    expect(accesses).toMatchObject([{ roots: [TABLE], credentials: { kind: 'bearer' } }])
  })

  it('is sent to Azure, or to the connection’s own endpoint of the account, but not where the catalog says', async () => {
    const config = {
      'adls.sas-token.acme': SAS,
      'adls.connection-string.acme': 'http://169.254.169.254',
      'adls.account-host': 'evil.example',
    }
    expect(await azureAccesses(config)).toMatchObject([{ endpoint: null }])
    expect(await azureAccesses(config, { storage: [OWN_ACCESS, own] })).toMatchObject([
      { endpoint: 'http://127.0.0.1:10000/acme' },
    ])
    const elsewhere = { ...own, roots: ['abfss://lake@second.dfs.core.windows.net'] }
    expect(await azureAccesses(config, { storage: [elsewhere] })).toMatchObject([{ endpoint: null }])
    for (const tableLocation of ['abfss://lake@evil.example/t', 'abfss://lake@acme.dfs.core.windows.net/../t']) {
      expect(await azureAccesses(config, { tableLocation })).toEqual([])
    }
  })
})

describe('Vended config for Google Cloud Storage', () => {
  const gcsAccesses = (change: Partial<VendedContext>) => accessesFor({ tableLocation: 'gs://lake/t/', ...change })
  const own: GcsAccess = {
    kind: 'gcs',
    roots: ['gs://lake'],
    endpoint: 'http://10.0.0.5:4443',
    credentials: { kind: 'anonymous' },
  }
  const token = { 'gcs.oauth2.token': 'T1' }

  it('is a token, until it expires', async () => {
    const accesses = await gcsAccesses({ config: { ...token, 'gcs.oauth2.token-expires-at': '1700000000000' } })
    expect(accesses).toEqual([
      {
        kind: 'gcs',
        roots: ['gs://lake/t'],
        endpoint: null,
        credentials: { kind: 'bearer', token: 'T1', expiresAtMs: 1_700_000_000_000 },
      },
    ])
    expect(earliestExpiryMs(accesses)).toBe(1_700_000_000_000)
    expect(earliestExpiryMs(await gcsAccesses({ config: token }))).toBe(Number.POSITIVE_INFINITY)
  })

  it('gives access to its prefixes, the longest first, and with `gs` to the whole table', async () => {
    const credentials = ['gs://lake', 'gs://lake/t/data/'].map((prefix) => ({
      prefix,
      config: { 'gcs.oauth2.token': prefix },
    }))
    expect((await gcsAccesses({ credentials })).map(({ roots }) => roots)).toEqual([
      ['gs://lake/t/data'],
      ['gs://lake'],
    ])
    const [tableWide] = await gcsAccesses({ credentials: [{ prefix: 'gs', config: token }] })
    expect(tableWide).toMatchObject({ roots: ['gs://lake/t'], credentials: { token: 'T1' } })
  })

  it('may be anonymous access, or empty', async () => {
    const [open] = await gcsAccesses({ config: { 'gcs.no-auth': 'TRUE' } })
    expect(open).toMatchObject({ credentials: { kind: 'anonymous' } })
    expect(await gcsAccesses({ config: { 'gcs.no-auth': 'false', ...KEYS } })).toEqual([])
    expect(await accessesFor({ config: token })).toEqual([])
  })

  it('is sent to the host that it names, otherwise to that of the connection’s own storage', async () => {
    const host = 'https://gcs.example.com/'
    const [vendedHost] = await gcsAccesses({ config: { ...token, 'gcs.service.host': host }, storage: [own] })
    expect(vendedHost).toMatchObject({ endpoint: 'https://gcs.example.com', reach: 'outside' })
    const [ownHost] = await gcsAccesses({
      config: token,
      storage: [{ ...own, roots: ['gs://other'], endpoint: null }, own],
    })
    expect(ownHost).toMatchObject({ endpoint: 'http://10.0.0.5:4443' })
    const config = { ...token, 'gcs.service.host': 'http://10.0.0.5:4443' }
    expect((await gcsAccesses({ config, storage: [own] }))[0]).toMatchObject({ reach: 'anywhere' })
    await expect(gcsAccesses({ config })).rejects.toMatchObject({ code: 'forbidden' })
    const metadataHostConfig = { ...token, 'gcs.service.host': 'http://metadata.google.internal' }
    const resolve = async () => ['169.254.169.254']
    await expect(gcsAccesses({ config: metadataHostConfig, storage: [own], resolve })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})
