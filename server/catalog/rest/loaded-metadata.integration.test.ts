import { expect, it } from 'vitest'
import { restTokenAs } from '@/scripts/rest-client'
import { listenRest } from '@/scripts/rest-listener'
import { makeTestHome } from '@/scripts/test-home'
import { openTestCatalog } from '@/scripts/test-lake'
import { restSettings, testRestCatalog } from '@/scripts/test-rest-catalog'
import { appendTenRows, ONE_COLUMN } from '@/scripts/whole-table'

const home = makeTestHome()

it('A table is not sent again while it is the same, and what others commit is seen at once (commit-safety 29)', async () => {
  const token = await restTokenAs(home.services, 'editor')
  const listener = await listenRest(home.services)
  const tags: (string | null)[] = []
  listener.faultOf = ({ method, url, headers }) => {
    if (method === 'GET' && url.includes('/tables/t?')) tags.push(headers.get('if-none-match'))
    return null
  }
  const here = await openTestCatalog(home.services)
  await here.createNamespace(['demo'], {})
  await here.createTable({ catalog: 'local', namespace: ['demo'], table: 't' }, { schema: ONE_COLUMN })
  const remote = testRestCatalog(listener.uri, {
    settings: restSettings(listener.uri, { warehouse: 'local', auth: { kind: 'bearer', token } }),
  })
  const ref = { catalog: 'remote', namespace: ['demo'], table: 't' }
  const first = await remote.loadTable(ref)
  expect((await remote.loadTable(ref)).metadata).toBe(first.metadata)
  await appendTenRows(home.services, { catalog: 'local', namespace: ['demo'], table: 't' })
  const after = await remote.loadTable(ref)
  expect(after.metadata.snapshots).toHaveLength(1)
  expect((await remote.loadTable(ref)).metadata).toBe(after.metadata)
  expect(tags.map((tag) => tag !== null)).toEqual([false, true, true, true])
  expect(new Set(tags).size).toBe(3)
  await listener.stop()
})
