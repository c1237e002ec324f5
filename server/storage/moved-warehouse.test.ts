import { existsSync, readdirSync, renameSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA, verifyTable } from '@/testing/catalogs/verify-table'
import { equivalentLocations } from '@/server/locations/location-gate'

const home = createTestHome()

const identifier = { catalog: 'local', namespace: ['demo'], table: 't' }
const named = () => home.config.warehouse
const folder = () => `${home.config.homeDir}/elsewhere`

/** The state of a home after it was moved and followed: the files are not where the tables name them. */
beforeAll(async () => {
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  await catalog.write({ kind: 'create-table', table: identifier, schema: ONE_COLUMN_SCHEMA })
  await appendTenRows(home.services, identifier)
  renameSync(named().slice('file://'.length), folder())
  const to = `file://${folder()}`
  Object.assign(home.config, {
    storage: { kind: 'local', roots: [to] },
    warehouseMappings: equivalentLocations(named()).map((from) => ({ from, to })),
  })
})

describe('A table of a moved warehouse', () => {
  it('opens with every row, accepts new rows, and names its files as before', async () => {
    expect((await verifyTable(home.services, identifier)).rows).toBe(10)
    await appendTenRows(home.services, identifier)
    const { rows, metadata } = await verifyTable(home.services, identifier)
    expect([rows, metadata.location]).toEqual([20, `${named()}/demo/t`])
    expect(readdirSync(folder(), { recursive: true })).toContainEqual(expect.stringMatching(/^demo\/t\/.*\.parquet$/))
    expect(existsSync(named().slice('file://'.length))).toBe(false)
  })

  it('says of a missing file where it was looked for', async () => {
    const location = `${named()}/demo/t/data/lost.parquet`
    await expect(home.services.stores.catalogStore('local').sizeBytes(location)).rejects.toMatchObject({
      code: 'file-missing',
      message: `There is no file at this location. The home was moved or restored, so Lakeshore looked for it at file://${folder()}/demo/t/data/lost.parquet.`,
      facts: { location },
    })
  })

  it('accepts the spellings of other engines', async () => {
    const { metadataLocation } = await (await openTestCatalog(home.services)).loadTable(identifier)
    const path = metadataLocation.slice('file://'.length)
    for (const spelled of [path, `file:${path}`]) {
      expect(await home.services.stores.catalogStore('local').sizeBytes(spelled)).toBeGreaterThan(0)
    }
    expect(home.services.stores.localPath(metadataLocation)).toBe(
      path.replace(named().slice('file://'.length), folder()),
    )
  })

  it('cannot be reached by a second name, under which another table could take its folder', async () => {
    const catalog = await openTestCatalog(home.services)
    const second = { ...identifier, table: 'second' }
    const location = `file://${folder()}/demo/t`
    await expect(
      catalog.write({ kind: 'create-table', table: second, schema: ONE_COLUMN_SCHEMA, location }),
    ).rejects.toMatchObject({
      code: 'location-refused',
      facts: { location },
    })
    await expect(home.services.stores.catalogStore('local').hasFiles(location)).rejects.toMatchObject({
      code: 'location-refused',
    })
  })
})
