import { expect, test } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { storeConfig, tableConfig } from './table-config'

const ENDPOINT = 'http://s3.example.com:9000'
const home = createTestHome({
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: ENDPOINT,
  LAKESHORE_S3_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  LAKESHORE_S3_SECRET_ACCESS_KEY: 'the-secret-of-the-warehouse',
  LAKESHORE_PUBLIC_URL: 'https://lake.example.com',
})

const TABLE = { catalog: 'local', namespace: ['größe', 'a b'], table: 't%1/x' }
const configFor = (delegation?: string) =>
  tableConfig(
    home.config,
    TABLE,
    new Headers(delegation === undefined ? {} : { 'x-iceberg-access-delegation': delegation }),
  )

test('A client gets the store’s endpoint, and never a key', () => {
  expect(configFor()).toEqual({
    'client.region': 'us-east-1',
    's3.region': 'us-east-1',
    's3.endpoint': ENDPOINT,
    's3.path-style-access': 'true',
  })
  expect(storeConfig(home.config)).toEqual(configFor())
  expect(JSON.stringify(configFor('remote-signing'))).not.toMatch(/AKID|the-secret/)
})

test('A client that requests vended credentials gets no config, of which DuckDB would make a secret without keys', () => {
  expect(configFor('vended-credentials')).toEqual({})
  expect(configFor(' vended-credentials ')).toEqual({})
})

test('A client that requests remote signing gets the table’s signing endpoint, in Java’s and in Python’s properties', () => {
  for (const delegation of ['remote-signing', 'vended-credentials, remote-signing']) {
    const config = configFor(delegation)
    expect(config).toMatchObject({
      's3.remote-signing-enabled': 'true',
      's3.signer.uri': 'https://lake.example.com/iceberg',
      's3.signer': 'S3V4RestSigner',
      'py-io-impl': 'pyiceberg.io.fsspec.FsspecFileIO',
    })
    const [, namespace, table] = /^v1\/local\/namespaces\/(.*)\/tables\/(.*)\/sign$/.exec(
      config['s3.signer.endpoint'] ?? '',
    )!
    expect([decodeURIComponent(namespace!), decodeURIComponent(table!)]).toEqual(['größe\x1Fa b', 't%1/x'])
  }
})
