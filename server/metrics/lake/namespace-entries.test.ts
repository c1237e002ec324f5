import { expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { rawChange } from '@/testing/databases/test-sql'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { insertRow } from '@/server/db/catalog/table-rows'
import { listNamespaceEntries } from './namespace-entries'

const home = createTestHome()
const { signal } = new AbortController()

/** Names that are close to each other in the sort order. */
const NAMESPACES = ['ns', 'ns-x', 'ns.a', 'ns.a.b', 'ns.a-b', 'ns.b', 'ns!', 'ns/x', 'deep.only.one', 'é', 'empty']

it('A catalog counts the same entries of its namespaces as it lists', async () => {
  const catalog = await openTestCatalog(home.services)
  for (const name of NAMESPACES)
    await catalog.write({ kind: 'create-namespace', namespace: name.split('.'), properties: {} })
  for (const [i, name] of NAMESPACES.entries()) {
    if (name === 'empty') continue
    const namespace = name.split('.')
    for (let table = 0; table <= i; table += 1) {
      await catalog.write({
        kind: 'create-table',
        table: { catalog: 'local', namespace, table: `t${table}` },
        schema: ONE_COLUMN_SCHEMA,
      })
    }
    await home.database.commit([insertRow({ catalog: 'local', namespace, table: 'v' }, `file:///v${i}`, 'view')])
  }
  // Another program may have left such a row.
  const insertStray = "INSERT INTO iceberg_namespace_properties VALUES ('local', 'ns..c', 'exists', 'true')"
  await home.database.commit([rawChange(insertStray, [], 1)])
  const { countContents, ...listing } = catalog
  expect(countContents).toBeDefined()
  for (const [parent, children] of [
    [null, 7],
    [['ns'], 3],
    [['ns', 'a'], 1],
    [['deep'], 1],
    [['empty'], 0],
  ] as const) {
    const listed = await listNamespaceEntries(catalog, parent, { signal })
    expect(listed).toEqual(await listNamespaceEntries(listing, parent, { signal }))
    expect(listed.namespaces).toHaveLength(children)
  }
})

it('A catalog counts more namespaces than it reads at once', async () => {
  const catalog = await openTestCatalog(home.services)
  const insertMany = `INSERT INTO iceberg_namespace_properties
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10001)
    SELECT 'local', 'wide.a.n' || i, 'exists', 'true' FROM n`
  await home.database.commit([rawChange(insertMany, [], 10_001)])
  expect(await catalog.countContents?.(['wide'], [['wide', 'a']])).toMatchObject([{ namespaceCount: 10_001 }])
  const first = await listNamespaceEntries(catalog, ['wide', 'a'], { signal })
  expect([first.namespaces.length, first.isTruncated]).toEqual([1000, true])
  const found = await listNamespaceEntries(catalog, ['wide', 'a'], { search: 'N9999', signal })
  expect(found.namespaces.map(({ namespace }) => namespace)).toEqual([['wide', 'a', 'n9999']])
  expect(found.isTruncated).toBe(false)
  const many = await listNamespaceEntries(catalog, ['wide', 'a'], { search: 'n9', signal })
  expect([many.namespaces[0]?.namespace, many.isTruncated]).toEqual([['wide', 'a', 'n9'], true])
  expect(many.namespaces.filter(({ namespace }) => namespace.at(-1) === 'n9')).toHaveLength(1)
})
