import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { removeWarehouseLeftovers } from './warehouse-leftovers'
import { isInternalFile, internalFolder } from './internal-files'

const home = createTestHome()

const refused = expect.objectContaining({ code: 'location-refused' })
const locations = () => `${internalFolder(home.config)}/rejects/r.ndjson`

function createInternalFile(): string {
  const folder = `${internalFolder(home.config)}/rejects`.slice('file://'.length)
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/r.ndjson`, '{}')
  return `${folder}/r.ndjson`
}

describe('Lakeshore’s own folder in the warehouse', () => {
  it('is not available to tables, in any spelling', async () => {
    const file = createInternalFile()
    const store = home.services.stores.catalogStore('local')
    for (const location of [
      locations(),
      file,
      `file:${file}`,
      locations().replace('/.lakeshore', '//.lakeshore'),
      locations().replace('.lakeshore', '.LakeShore'),
      internalFolder(home.config),
      `${internalFolder(home.config)}/`,
    ]) {
      expect(() => store.checkLocation(location), location).toThrow(refused)
      await expect(store.read(location)).rejects.toEqual(refused)
      await expect(store.stream(location, { range: { start: 0, end: 1 } })).rejects.toEqual(refused)
      await expect(store.sizeBytes(location)).rejects.toEqual(refused)
      await expect(store.readVersion(location)).rejects.toEqual(refused)
      await expect(store.writeNew(location, new Uint8Array())).rejects.toEqual(refused)
      await expect(store.importFile(file, location)).rejects.toEqual(refused)
      await expect(store.listNames(location, { limit: 9 })).rejects.toEqual(refused)
      await expect(store.hasFiles(location)).rejects.toEqual(refused)
      await expect(store.remove(location)).rejects.toEqual(refused)
      await expect(store.removeEmptyFolder(location)).rejects.toEqual(refused)
    }
    expect(isInternalFile(home.config, `${home.config.warehouse}/.lakeshore2/x`)).toBe(false)
    expect(() => store.checkLocation(`${home.config.warehouse}/.lakeshore2/x`)).not.toThrow()
    expect(new TextDecoder().decode(await home.services.stores.warehouseStore().read(locations()))).toBe('{}')
  })

  it('cannot hold a table, nor files that a table names', async () => {
    const catalog = await openTestCatalog(home.services)
    await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
    const identifier = { catalog: 'local', namespace: ['demo'], table: 't' }
    for (const options of [
      { location: `${internalFolder(home.config)}/rejects` },
      { properties: { 'write.data.path': `${internalFolder(home.config)}/rejects` } },
    ]) {
      await expect(
        catalog.write({ kind: 'create-table', table: identifier, schema: ONE_COLUMN_SCHEMA, ...options }),
      ).rejects.toEqual(refused)
    }
    expect(await catalog.listTables(['demo'])).toEqual([])
  })

  it('keeps its files when the warehouse is cleaned up', async () => {
    createInternalFile()
    const { signal } = new AbortController()
    await removeWarehouseLeftovers(home.config, { nowMs: Date.now() + 365 * 24 * 3_600_000, signal })
    expect(await home.services.stores.warehouseStore().sizeBytes(locations())).toBe(2)
  })
})
