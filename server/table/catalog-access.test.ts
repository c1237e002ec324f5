import { expect, it } from 'vitest'
import { makeTestHome } from '@/scripts/test-home'
import { openTestCatalog } from '@/scripts/test-lake'
import { config } from '@/server/config'
import { catalogAccess } from './catalog-access'

makeTestHome({ LAKESHORE_PUBLIC_URL: 'https://lake.example.com', LAKESHORE_CATALOG_NAME: 'the-lake' })

it('leads engines to the embedded catalog over REST and, on its machine, to its database file', async () => {
  const { homeDir, warehouse } = config()
  expect(catalogAccess(await openTestCatalog())).toEqual({
    rest: {
      uri: 'https://lake.example.com/iceberg',
      warehouse: 'the-lake',
      prefix: 'the-lake',
      signIn: { kind: 'bearer' },
    },
    database: { uri: `sqlite:///${homeDir}/lakeshore.db`, warehouse },
  })
})

it('leads to another catalog only by what that says of itself', async () => {
  const embedded = await openTestCatalog()
  const rest = { uri: 'https://other.example.com', warehouse: null, prefix: null, signIn: { kind: 'none' as const } }
  expect(catalogAccess({ ...embedded, kind: 'rest', remote: rest })).toEqual({ rest, database: null })
  expect(catalogAccess({ ...embedded, kind: 'files' })).toEqual({ rest: null, database: null })
})
