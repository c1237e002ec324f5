import { expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { actorFor } from '@/server/auth/actor'
import { catalogAccess } from './catalog-access'

const ADMIN = actorFor({ userId: 'u', username: 'ann', role: 'admin' })
const EDITOR = actorFor({ userId: 'u', username: 'eve', role: 'editor' })
const home = createTestHome({ LAKESHORE_PUBLIC_URL: 'https://lake.example.com', LAKESHORE_CATALOG_NAME: 'the-lake' })

it('points engines to the embedded catalog over REST and, on the same machine, to its database file', async () => {
  const { homeDir, warehouse } = home.config
  expect(catalogAccess(home.config, await openTestCatalog(home.services), `${warehouse}/demo/t`, ADMIN)).toEqual({
    rest: {
      uri: 'https://lake.example.com/iceberg',
      warehouse: 'the-lake',
      prefix: 'the-lake',
      signIn: { kind: 'bearer' },
      delegation: 'none',
    },
    database: { uri: `sqlite:///${homeDir}/lakeshore.db`, warehouse },
    s3: null,
  })
})

it('tells only admins where the database file is: it knows no permissions', async () => {
  const catalog = await openTestCatalog(home.services)
  const access = catalogAccess(home.config, catalog, `${home.config.warehouse}/demo/t`, EDITOR)
  expect(access).toMatchObject({ rest: { warehouse: 'the-lake' }, database: null })
})

it('points to another catalog only with what that catalog reports', async () => {
  const embedded = await openTestCatalog(home.services)
  const rest = {
    uri: 'https://other.example.com',
    warehouse: null,
    prefix: null,
    signIn: { kind: 'none' as const },
    delegation: 'vended-credentials' as const,
  }
  expect(catalogAccess(home.config, { ...embedded, kind: 'rest', remote: rest }, 's3://lake/t', ADMIN)).toEqual({
    rest,
    database: null,
    s3: null,
  })
  expect(catalogAccess(home.config, { ...embedded, kind: 'files' }, 's3://lake/t', ADMIN)).toEqual({
    rest: null,
    database: null,
    s3: null,
  })
})

it.each(['rest', 'files'] as const)(
  'contains the S3 endpoint of a connection and none of its keys: %s',
  async (kind) => {
    const storage = {
      kind: 's3' as const,
      roots: ['s3://lake/wh'],
      endpoint: 'http://127.0.0.1:9000',
      region: 'eu-west-1',
      isPathStyle: true,
      credentials: { kind: 'keys' as const, accessKeyId: 'SECRET-key-id' },
    }
    const rest = {
      uri: 'http://127.0.0.1:8181',
      warehouse: null,
      prefix: null,
      auth: { kind: 'none' as const },
      headerNames: [],
      delegation: 'none' as const,
      ownCredentials: 'off' as const,
    }
    const connection = kind === 'rest' ? { kind, ...rest } : { kind, tables: [] }
    const catalog = await home.services.catalogs.connect({
      name: 'far',
      settings: { ...connection, storage, mappings: [] },
      secrets: { storageSecretAccessKey: 'SECRET' },
      own: null,
    })
    const access = catalogAccess(home.config, catalog, 's3a://lake/wh/demo/t', EDITOR)
    expect(access.s3).toEqual({ endpoint: 'http://127.0.0.1:9000', region: 'eu-west-1', isPathStyle: true })
    expect(JSON.stringify(access)).not.toContain('SECRET')
    for (const location of ['s3://lake/other/t', 's3://others/wh/t', 'file:///lake/wh/t']) {
      expect(catalogAccess(home.config, catalog, location, EDITOR).s3).toBeNull()
    }
  },
)
