import { existsSync, readdirSync, renameSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeTestHome } from '@/scripts/test-home'
import { openTestCatalog } from '@/scripts/test-lake'
import { appendTenRows, ONE_COLUMN, wholeTable } from '@/scripts/whole-table'
import { config } from '@/server/config'
import { spellingsOf } from './location-gate'
import { localPath, openStore } from './open-store'

makeTestHome()

const ref = { catalog: 'local', namespace: ['demo'], table: 't' }
const named = () => config().warehouse
const folder = () => `${config().homeDir}/elsewhere`

/** As a home that was moved and followed has it: the files are elsewhere than the tables name them. */
beforeAll(async () => {
  const catalog = await openTestCatalog()
  await catalog.createNamespace(['demo'], {})
  await catalog.createTable(ref, { schema: ONE_COLUMN })
  await appendTenRows(ref)
  renameSync(named().slice('file://'.length), folder())
  const to = `file://${folder()}`
  Object.assign(config(), {
    storage: { kind: 'local', roots: [to] },
    warehouseMappings: spellingsOf(named()).map((from) => ({ from, to })),
  })
})

describe('A table of a warehouse that was moved', () => {
  it('opens with every row, takes more, and names its files as before', async () => {
    expect((await wholeTable(ref)).rows).toBe(10)
    await appendTenRows(ref)
    const { rows, metadata } = await wholeTable(ref)
    expect([rows, metadata.location]).toEqual([20, `${named()}/demo/t`])
    expect(readdirSync(folder(), { recursive: true })).toContainEqual(expect.stringMatching(/^demo\/t\/.*\.parquet$/))
    expect(existsSync(named().slice('file://'.length))).toBe(false)
  })

  it('may be spelled as other engines spell it', async () => {
    const { metadataLocation } = await (await openTestCatalog()).loadTable(ref)
    const path = metadataLocation.slice('file://'.length)
    for (const spelled of [path, `file:${path}`]) {
      expect(await openStore('local').sizeBytes(spelled)).toBeGreaterThan(0)
    }
    expect(localPath(metadataLocation)).toBe(path.replace(named().slice('file://'.length), folder()))
  })

  it('cannot be reached by a second name, under which another table could take its folder', async () => {
    const catalog = await openTestCatalog()
    const second = { ...ref, table: 'second' }
    const location = `file://${folder()}/demo/t`
    await expect(catalog.createTable(second, { schema: ONE_COLUMN, location })).rejects.toMatchObject({
      code: 'location-refused',
      facts: { location },
    })
    await expect(openStore('local').hasFiles(location)).rejects.toMatchObject({ code: 'location-refused' })
  })
})
