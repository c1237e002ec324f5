import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import type { CatalogClient } from '../port/catalog-client'
import type { LoadedTable } from '../port/loaded-table'

const home = createTestHome()
let catalog: CatalogClient
let tables = 0

/** Two versions of one table. */
let earlier: LoadedTable
let current: LoadedTable

beforeEach(async () => {
  catalog = await openTestCatalog(home.services)
  if (tables === 0) await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  earlier = await createTable()
  current = await setOwner(earlier.identifier, 'ann')
})
afterEach(() => {
  vi.useRealTimers()
})

async function createTable(): Promise<LoadedTable> {
  tables += 1
  return catalog.write({
    kind: 'create-table',
    table: { catalog: catalog.name, namespace: ['demo'], table: `restored${tables}` },
    schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
  })
}

function setOwner(identifier: TableIdentifier, owner: string): Promise<LoadedTable> {
  return catalog.write({
    kind: 'commit-table',
    table: identifier,
    change: {
      requirements: [],
      updates: [{ action: 'set-properties', updates: { owner } }],
    },
  })
}

async function restore(expected: LoadedTable, to: LoadedTable): Promise<LoadedTable> {
  expect(catalog.restoresMetadata).toBe(true)
  return catalog.write({
    kind: 'restore-metadata',
    table: expected.identifier,
    expectedLocation: expected.metadataLocation,
    earlierLocation: to.metadataLocation,
  })
}

describe('Restoring earlier metadata', () => {
  test('is a new version after the current one, which its log keeps', async () => {
    const restored = await restore(current, earlier)
    expect(restored.metadata.properties).toEqual(earlier.metadata.properties)
    expect(restored.metadata.metadataLog.map(({ metadataFile }) => metadataFile)).toEqual([
      earlier.metadataLocation,
      current.metadataLocation,
    ])
    expect(await catalog.loadTable(restored.identifier)).toMatchObject({ metadataLocation: restored.metadataLocation })
  })

  test('is refused once another commit has come after the version that was seen', async () => {
    const latest = await setOwner(current.identifier, 'bob')
    await expect(restore(current, earlier)).rejects.toMatchObject({ code: 'version-conflict' })
    expect((await catalog.loadTable(current.identifier)).metadataLocation).toBe(latest.metadataLocation)
  })

  test('is refused with a file of another table', async () => {
    await expect(restore(current, await createTable())).rejects.toMatchObject({ code: 'invalid-request' })
    expect((await catalog.loadTable(earlier.identifier)).metadataLocation).toBe(current.metadataLocation)
  })

  test('never sets the time of the table back, whatever the clock says', async () => {
    const before = current.metadata.lastUpdatedMs
    vi.setSystemTime(before - 3_600_000)
    expect((await restore(current, earlier)).metadata.lastUpdatedMs).toBe(before)
  })

  test('has the time at which it was made', async () => {
    const now = current.metadata.lastUpdatedMs + 3_600_000
    vi.setSystemTime(now)
    expect((await restore(current, earlier)).metadata.lastUpdatedMs).toBe(now)
  })
})
