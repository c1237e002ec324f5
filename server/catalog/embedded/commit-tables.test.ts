import { expect, test } from 'vitest'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { MAX_TABLES_IN_TRANSACTION } from '../port/catalog-write'

const home = createTestHome()

test('A transaction of more tables than are allowed is refused before any of them is read', async () => {
  const catalog = await openTestCatalog(home.services)
  const commitTo = (count: number) =>
    catalog.write({
      kind: 'commit-tables',
      commits: Array.from({ length: count }, (_, i) => ({
        identifier: { catalog: catalog.name, namespace: ['nowhere'], table: `t${i}` },
        change: { requirements: [], updates: [] },
      })),
    })
  await expect(commitTo(MAX_TABLES_IN_TRANSACTION)).rejects.toMatchObject({ code: 'not-found' })
  await expect(commitTo(MAX_TABLES_IN_TRANSACTION + 1)).rejects.toMatchObject({ code: 'too-large' })
})
