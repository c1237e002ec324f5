import { describe, expect, it } from 'vitest'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { findStrayFiles } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable } from '@/testing/ingest/landing-table'
import { column } from '@/testing/ingest/test-staging'

const home = createTestHome({ LAKESHORE_CATALOG_NAME: 'lake' })

async function create(): Promise<LandingTable> {
  const fields = [column(1, 'id', 'long', true), column(2, 'city', 'string')]
  const table = await LandingTable.create(home.services, { fields, partitionBy: 'city' })
  await table.landed('id,city\n1,a\n2,b\n3,b\n', 'append')
  return table
}

describe('A load that replaces the table', () => {
  it('removes all files, also delete files', async () => {
    const table = await create()
    const file = (await table.dataFiles()).find(({ dataFile }) => dataFile.recordCount === 2)
    if (!file) throw new Error('no file')
    await deleteRows(home.services, table.identifier, file, [0])
    await table.landed('id,city\n5,a\n', 'replace-table')
    expect(await table.rows()).toEqual([['5', 'a']])
    expect(await table.files()).toHaveLength(1)
    expect(await table.summary()).toMatchObject({ operation: 'overwrite', 'total-delete-files': '0' })
  })

  it('removes all rows without new ones', async () => {
    const table = await create()
    const run = await table.landed('id,city\n', 'replace-table')
    const { metadata } = await table.loaded()
    expect(run.outcome).toMatchObject({ snapshotId: metadata.currentSnapshotId, rowsCommitted: 0 })
    expect(await table.rows()).toEqual([])
    expect(await table.summary()).toMatchObject({ operation: 'delete', 'total-records': '0' })
  })

  it('makes no snapshot of an empty table without rows', async () => {
    const table = await LandingTable.create(home.services, { fields: [column(1, 'id', 'long')] })
    const run = await table.landed('id\n', 'replace-table')
    expect(run.outcome).toMatchObject({ snapshotId: null })
    expect((await table.loaded()).metadata.snapshots).toEqual([])
  })

  it('fails after any commit of another writer to the branch since it began, and leaves no file', async () => {
    const table = await create()
    const afterStaging = () => table.appendAsOther('id,city\n9,z\n')
    const run = await table.load('id,city\n5,a\n', 'replace-table', { afterStaging })
    expect(run).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'commit-conflict' } })
    const late = await table.landWhile(() => table.appendAsOther('id,city\n10,z\n'), 'id,city\n5,a\n', 'replace-table')
    expect(late).toMatchObject({ state: 'failed', error: { code: 'commit-conflict' } })
    expect(late.error?.detail).toContain('Nothing was loaded. Start the load again')
    expect((await table.rows()).map(([id]) => id)).toEqual(['1', '10', '2', '3', '9'])
    expect(await findStrayFiles(home.services)).toEqual([])
  })

  it('is committed when another writer changes another branch', async () => {
    const table = await create()
    await table.landed('id,city\n4,c\n', 'append', { branch: 'audit' })
    const afterStaging = () => table.appendAsOther('id,city\n9,z\n', 'audit')
    await table.landed('id,city\n5,a\n', 'replace-table', { afterStaging })
    expect([await table.rows(), (await table.rows('audit')).length]).toEqual([[['5', 'a']], 5])
  })
})
