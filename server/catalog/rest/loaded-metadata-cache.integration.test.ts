import { expect, it } from 'vitest'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { startRestListener } from '@/testing/catalogs/rest-listener'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { restSettings, createTestRestCatalog } from '@/testing/catalogs/rest-catalog-stand-in'
import { appendTenRows, ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'

const home = createTestHome()

it('An unchanged table is not sent again, and commits of others are visible at once (commit-safety 29)', async () => {
  const token = await createRestTokenAs(home.services, 'editor')
  const listener = await startRestListener(home.services)
  const tags: (string | null)[] = []
  listener.faultFor = ({ method, url, headers }) => {
    if (method === 'GET' && url.includes('/tables/t?')) tags.push(headers.get('if-none-match'))
    return null
  }
  const localCatalog = await openTestCatalog(home.services)
  await localCatalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  await localCatalog.write({
    kind: 'create-table',
    table: { catalog: 'local', namespace: ['demo'], table: 't' },
    schema: ONE_COLUMN_SCHEMA,
  })
  const remote = createTestRestCatalog(listener.uri, {
    settings: restSettings(listener.uri, { warehouse: 'local', auth: { kind: 'bearer', token } }),
  })
  const identifier = { catalog: 'remote', namespace: ['demo'], table: 't' }
  const first = await remote.loadTable(identifier)
  expect((await remote.loadTable(identifier)).metadata).toBe(first.metadata)
  await appendTenRows(home.services, { catalog: 'local', namespace: ['demo'], table: 't' })
  const after = await remote.loadTable(identifier)
  expect(after.metadata.snapshots).toHaveLength(1)
  expect((await remote.loadTable(identifier)).metadata).toBe(after.metadata)
  expect(tags.map((tag) => tag !== null)).toEqual([false, true, true, true])
  expect(new Set(tags).size).toBe(3)
  await listener.stop()
})
