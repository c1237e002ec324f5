import { describe, expect, it } from 'vitest'
import type { S3Access } from '@/server/storage/storage-access'
import { expiresAtMs, type Vended, vendedAccess } from './vended-access'

const KEYS = { 's3.access-key-id': 'AK', 's3.secret-access-key': 'SK' }
const OWN: S3Access = {
  kind: 's3',
  roots: ['s3://lake'],
  endpoint: 'http://10.0.0.5:9000',
  region: 'eu-west-1',
  isPathStyle: true,
  credentials: { kind: 'anonymous' },
}

const vended = (change: Partial<Vended>) =>
  vendedAccess({
    tableLocation: 's3://lake/t/',
    config: {},
    credentials: [],
    storage: [],
    catalogUri: 'https://catalog.example.com',
    signerOf: null,
    resolve: async () => ['203.0.114.7'],
    ...change,
  })

describe('What a catalog hands out with a table', () => {
  it('in its configuration reaches the table’s own location and nothing else', async () => {
    const config = {
      ...KEYS,
      's3.session-token': 'ST',
      's3.session-token-expires-at-ms': '1700000000000',
      's3.endpoint': 'https://s3.example.com/',
      's3.path-style-access': 'TRUE',
      'client.region': 'eu-central-1',
      's3.region': 'ignored',
    }
    const accesses = await vended({ config })
    expect(accesses).toEqual([
      {
        kind: 's3',
        roots: ['s3://lake/t'],
        endpoint: 'https://s3.example.com',
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
    expect(expiresAtMs(accesses)).toBe(1_700_000_000_000)
  })

  it('as credentials reaches their prefixes, the longest first, each over the configuration', async () => {
    const accesses = await vended({
      config: { ...KEYS, 's3.region': 'us-west-2' },
      credentials: [
        { prefix: 's3://lake/', config: { 's3.access-key-id': 'short' } },
        { prefix: 's3a://lake/t/data/', config: { 's3.access-key-id': 'long', 's3.region': 'eu-north-1' } },
        { prefix: 'gs://elsewhere', config: {} },
      ],
    })
    expect(accesses.map(({ roots, region, credentials }) => [roots[0], region, credentials])).toEqual([
      ['s3://lake/t/data', 'eu-north-1', { kind: 'keys', accessKeyId: 'long', secretAccessKey: 'SK' }],
      ['s3://lake', 'us-west-2', { kind: 'keys', accessKeyId: 'short', secretAccessKey: 'SK' }],
    ])
    expect(expiresAtMs(accesses)).toBe(Number.POSITIVE_INFINITY)
  })

  it('for all of a store (`s3`) reaches the table', async () => {
    const [access] = await vended({ credentials: [{ prefix: 's3', config: KEYS }] })
    expect(access).toMatchObject({ roots: ['s3://lake/t'], region: 'us-east-1', endpoint: null, isPathStyle: false })
  })

  it('without saying where takes that from the connection’s own storage', async () => {
    const [access] = await vended({ config: KEYS, storage: [OWN, { ...OWN, roots: ['s3://other'], region: 'x' }] })
    expect(access).toMatchObject({ endpoint: 'http://10.0.0.5:9000', region: 'eu-west-1', isPathStyle: true })
    const [elsewhere] = await vended({ config: KEYS, tableLocation: 's3://new/t', storage: [OWN] })
    expect(elsewhere).toMatchObject({ roots: ['s3://new/t'], endpoint: 'http://10.0.0.5:9000' })
    const [own] = await vended({ config: { ...KEYS, 's3.endpoint': 'http://10.0.0.5:9000' }, storage: [OWN] })
    expect(own).toMatchObject({ endpoint: 'http://10.0.0.5:9000' })
  })

  it('is nothing without keys, and nothing for files that are no S3 objects', async () => {
    expect(await vended({ config: { 's3.access-key-id': 'AK' } })).toEqual([])
    expect(await vended({ config: KEYS, tableLocation: 'file:///lake/t' })).toEqual([])
    expect(await vended({ config: { 's3.remote-signing-enabled': 'true' } })).toEqual([])
  })

  it('an address of numbers is asked with the bucket in the path', async () => {
    const [access] = await vended({ config: { ...KEYS, 's3.endpoint': 'http://203.0.114.7:9000' } })
    expect(access).toMatchObject({ isPathStyle: true })
  })

  it.each([
    [{ 's3.endpoint': 'http://169.254.169.254' }],
    [{ 's3.endpoint': 'http://127.0.0.1:9000' }],
    [{ 'client.region': 'x.evil.com/#' }],
    [{ 's3.region': 'US_EAST' }],
  ])('does not steer this server: %j', async (config) => {
    await expect(vended({ config: { ...KEYS, ...config } })).rejects.toMatchObject({ code: 'forbidden' })
  })
})
