import { expect, test } from 'vitest'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { ScanTables } from './scan-tables'

const identifier = { catalog: 'c', namespace: ['demo'], table: 't' }
const signal = new AbortController().signal

function createCatalog(kind: CatalogClient['kind']) {
  let loadCount = 0
  const loadTable = async () => {
    loadCount += 1
    return { identifier, metadata: sampleMetadata({}) } as Partial<LoadedTable> as LoadedTable
  }
  return { catalog: { kind, loadTable }, loads: () => loadCount }
}

test('The table of a scan is loaded once from another server, for each token', async () => {
  const { catalog, loads } = createCatalog('rest')
  const tables = new ScanTables()
  const first = await tables.load(catalog, identifier, { token: 'a', signal })
  expect(await tables.load(catalog, identifier, { token: 'a', signal })).toBe(first)
  expect(loads()).toBe(1)
  await tables.load(catalog, identifier, { token: 'b', signal })
  expect(loads()).toBe(2)
})

test('The table of a scan is loaded each time from a catalog here, so that a dropped table is noticed at once', async () => {
  const { catalog, loads } = createCatalog('embedded')
  const tables = new ScanTables()
  for (let request = 0; request < 3; request += 1) await tables.load(catalog, identifier, { token: 'a', signal })
  expect(loads()).toBe(3)
})
