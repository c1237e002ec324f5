import { rmSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { type RestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { buildScanPlan } from '@/server/table/scan/scan-plan'
import type { LoadedTable } from '../port/loaded-table'

const home = createTestHome()

const fileAt = (location: string) => location.slice('file://'.length)
let callRest: RestClient
beforeAll(async () => {
  callRest = await createRestClientAs(home.services, 'admin')
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})

/** A table with two snapshots, as a reader loaded it before another writer expired the first one. */
async function expireSnapshotOf(name: string) {
  const catalog = await openTestCatalog(home.services)
  const identifier = { catalog: 'local', namespace: ['demo'], table: name }
  await catalog.write({ kind: 'create-table', table: identifier, schema: ONE_COLUMN_SCHEMA })
  const snapshotId = await appendTenRows(home.services, identifier)
  await appendTenRows(home.services, identifier)
  const loaded = await catalog.loadTable(identifier)
  const body = { requirements: [], updates: [{ action: 'remove-snapshots', 'snapshot-ids': [BigInt(snapshotId)] }] }
  expect((await callRest('POST', `local/namespaces/demo/tables/${name}`, { body })).status).toBe(200)
  return { identifier, loaded, snapshotId }
}

const scan = (table: LoadedTable, snapshotId: string) =>
  buildScanPlan(
    home.services,
    table,
    { snapshotId },
    { store: home.services.stores.catalogStore('local'), userId: 'u1', nowMs: Date.now() },
  )

describe('A reader of a snapshot that expires during the read', () => {
  it('learns which snapshot is gone when it asks for it later (commit-safety 32)', async () => {
    const { identifier, snapshotId } = await expireSnapshotOf('after')
    const now = await (await openTestCatalog(home.services)).loadTable(identifier)
    await expect(scan(now, snapshotId)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining(snapshotId),
    })
  })

  it('continues as long as the files exist (commit-safety 32)', async () => {
    const { loaded, snapshotId } = await expireSnapshotOf('goes-on')
    expect(await scan(loaded, snapshotId)).toMatchObject({ snapshotId, rowCount: 10, fileCount: 1 })
  })

  it('gets no plan without the manifest list, and the error names the missing file (commit-safety 32)', async () => {
    const { loaded, snapshotId } = await expireSnapshotOf('list')
    const location = loaded.metadata.snapshots.find((one) => one.snapshotId === snapshotId)?.manifestList ?? ''
    rmSync(fileAt(location))
    await expect(scan(loaded, snapshotId)).rejects.toMatchObject({ code: 'file-missing', facts: { location } })
  })

  it('with a plan gets an error for a missing file, and not fewer rows (commit-safety 32)', async () => {
    const { loaded, snapshotId } = await expireSnapshotOf('file')
    const plan = await scan(loaded, snapshotId)
    const [file] = plan.files
    if (!file) throw new Error('the plan has no file')
    rmSync(fileAt(file.path))
    const reading = home.services.stores
      .catalogStore('local')
      .read(file.path, { range: { start: 0, end: file.fileSizeBytes } })
    await expect(reading).rejects.toMatchObject({ code: 'file-missing', facts: { location: file.path } })
  })
})
