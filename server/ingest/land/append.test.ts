import { describe, expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable } from '@/testing/ingest/landing-table'
import { column } from '@/testing/ingest/test-staging'

const home = createTestHome({ LAKESHORE_CATALOG_NAME: 'lake' })

function create(): Promise<LandingTable> {
  return LandingTable.create(home.services, { fields: [column(1, 'id', 'long', true)] })
}

const ids = async (table: LandingTable, branch: string) => (await table.rows(branch)).map(([id]) => id)

describe('A load that appends to a branch', () => {
  it('creates it from the tip of main in the same commit, and leaves main as it is', async () => {
    const table = await create()
    await table.landed('id\n1\n', 'append')
    await table.landed('id\n2\n', 'append', { branch: 'audit' })
    await table.landed('id\n3\n', 'append')
    await table.landed('id\n4\n', 'append', { branch: 'audit' })
    expect([await ids(table, 'main'), await ids(table, 'audit')]).toEqual([
      ['1', '3'],
      ['1', '2', '4'],
    ])
    const { metadata } = await table.loaded()
    expect(metadata.refs['audit']?.type).toBe('branch')
    expect(metadata.snapshots).toHaveLength(4)
  })

  it('appends to a branch that another writer created meanwhile', async () => {
    const table = await create()
    await table.landed('id\n1\n', 'append')
    await table.landed('id\n2\n', 'append', {
      branch: 'audit',
      afterStaging: () => table.appendAsOther('id\n9\n', 'audit'),
    })
    expect(await ids(table, 'audit')).toEqual(['1', '2', '9'])
  })

  it('creates a branch of a table without a snapshot', async () => {
    const table = await create()
    await table.landed('id\n1\n', 'append', { branch: 'audit' })
    expect([await ids(table, 'audit'), (await table.loaded()).metadata.currentSnapshotId]).toEqual([['1'], null])
  })

  it('is refused for a tag, and for a name that no branch can have, before the input is read', async () => {
    const table = await create()
    await table.landed('id\n1\n', 'append')
    const { metadata } = await table.loaded()
    const snapshotId = metadata.currentSnapshotId ?? ''
    await table.update([{ action: 'set-snapshot-ref', refName: 'v1', type: 'tag', snapshotId }])
    const [onTag, unnamed] = [
      await table.load('id\nx\n', 'append', { branch: 'v1' }),
      await table.load('id\nx\n', 'append', { branch: ' audit' }),
    ]
    expect([onTag.error?.code, unnamed.error?.code]).toEqual(['invalid-request', 'invalid-request'])
    expect(onTag.error?.detail).toContain('v1 is a tag')
  })
})
