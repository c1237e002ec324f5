import { describe, expect, it } from 'vitest'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { findStrayFiles } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable, type LandingTableOptions } from '@/testing/ingest/landing-table'
import { column } from '@/testing/ingest/test-staging'

const home = createTestHome({ LAKESHORE_CATALOG_NAME: 'lake' })
const FIELDS = [column(1, 'id', 'long', true), column(2, 'city', 'string'), column(3, 'at', 'date')]

function create(more: Partial<LandingTableOptions> = {}): Promise<LandingTable> {
  return LandingTable.create(home.services, { fields: FIELDS, partitionBy: 'city', ...more })
}

async function partitionFile(table: LandingTable, label: string) {
  const file = (await table.dataFiles()).find(({ partitionLabel }) => partitionLabel === label)
  if (!file) throw new Error(`no file of ${label}`)
  return file
}

const ROWS = 'id,city,at\n1,a,\n2,a,\n3,b,\n4,,\n'

describe('A load that replaces partitions', () => {
  it('replaces the rows of the partitions that it writes, and no others', async () => {
    const table = await create()
    await table.landed(ROWS, 'append')
    const run = await table.landed('id,city,at\n5,a,\n6,c,\n7,,\n', 'replace-partitions')
    expect(run.outcome).toMatchObject({ rowsCommitted: 3, rowsUpdated: null, rowsSuperseded: null })
    expect((await table.rows()).map(([id]) => id)).toEqual(['3', '5', '6', '7'])
    expect(await table.summary()).toMatchObject({
      operation: 'overwrite',
      'replace-partitions': 'true',
      'added-records': '3',
      'deleted-records': '3',
      'total-records': '4',
    })
  })

  it.each(['2', '3'])('removes the delete files that then apply to nothing in format version %s', async (version) => {
    const table = await create({ properties: { 'format-version': version } })
    await table.landed(ROWS, 'append')
    for (const label of ['city=a', 'city=b'])
      await deleteRows(home.services, table.identifier, await partitionFile(table, label), [0])
    await table.landed('id,city,at\n5,a,\n', 'replace-partitions')
    const deletes = (await table.files()).filter(({ dataFile }) => dataFile.content !== 'data')
    expect(deletes.map(({ partitionLabel }) => partitionLabel)).toEqual(['city=b'])
    expect((await table.rows()).map(([id]) => id)).toEqual(['4', '5'])
  })

  it('replaces nothing and makes no snapshot without rows', async () => {
    const table = await create()
    await table.landed(ROWS, 'append')
    const run = await table.landed('id,city,at\n', 'replace-partitions')
    expect(run.outcome).toMatchObject({ snapshotId: null })
    expect(await table.rows()).toHaveLength(4)
  })

  it('replaces all rows of a table without partitions, also those of earlier partitions', async () => {
    const table = await create()
    await table.landed(ROWS, 'append')
    await table.update([
      { action: 'add-spec', spec: { specId: 1, fields: [] } },
      { action: 'set-default-spec', specId: 1 },
    ])
    await table.landed('id,city,at\n9,a,\n', 'replace-partitions')
    expect((await table.rows()).map(([id]) => id)).toEqual(['9'])
  })

  it('is refused where files of another spec may have rows of the partitions, and names them', async () => {
    const table = await create({ partitionBy: null })
    await table.landed('id,city,at\n1,a,2001-01-01\n2,c,2001-01-31\n', 'append')
    await table.update([
      {
        action: 'add-spec',
        spec: { specId: 1, fields: [{ sourceId: 3, fieldId: 1000, name: 'at_month', transform: 'month' }] },
      },
      { action: 'set-default-spec', specId: 1 },
    ])
    const [old] = await table.dataFiles()
    const { state, error } = await table.load('id,city,at\n3,b,2001-01-15\n', 'replace-partitions')
    expect([state, error?.code]).toEqual(['failed', 'not-supported'])
    expect(error?.detail).toContain(old?.dataFile.filePath)
    expect(error?.detail).toContain('Rewrite the files')
    expect(await findStrayFiles(home.services)).toEqual([])
    // By their bounds, they have no rows of February.
    await table.landed('id,city,at\n4,b,2001-02-01\n', 'replace-partitions')
    await table.landed('id,city,at\n5,b,2001-02-02\n', 'replace-partitions')
    expect((await table.rows()).map(([id]) => id)).toEqual(['1', '2', '5'])
  })

  it.each([
    ['adds rows to', (table: LandingTable) => table.appendAsOther('id,city,at\n9,a,\n')],
    [
      'deletes rows from',
      async (table: LandingTable) =>
        deleteRows(home.services, table.identifier, await partitionFile(table, 'city=a'), [0]),
    ],
  ])('fails when another writer %s one of the partitions since it began, and leaves no file', async (_what, act) => {
    const table = await create()
    await table.landed(ROWS, 'append')
    const afterStaging = () => act(table)
    const run = await table.load('id,city,at\n5,a,\n', 'replace-partitions', { afterStaging })
    expect(run).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'commit-conflict' } })
    expect((await table.rows()).map(([id]) => id)).not.toContain('5')
    const late = await table.landWhile(() => act(table), 'id,city,at\n5,a,\n', 'replace-partitions')
    expect(late).toMatchObject({ state: 'failed', error: { code: 'commit-conflict' } })
    expect(await findStrayFiles(home.services)).toEqual([])
  })

  it('is committed when other writers change other partitions, or columns', async () => {
    const table = await create()
    await table.landed(ROWS, 'append')
    const run = await table.load('id,city,at\n5,a,\n', 'replace-partitions', {
      async afterStaging() {
        await table.appendAsOther('id,city,at\n9,b,\n')
        await deleteRows(home.services, table.identifier, await partitionFile(table, 'city=null'), [0])
        const { metadata } = await table.loaded()
        const [schema] = metadata.schemas
        if (!schema) throw new Error('no schema')
        await table.update([
          { action: 'add-schema', schema: { ...schema, schemaId: 1, fields: [...FIELDS, column(4, 'more', 'int')] } },
          { action: 'set-current-schema', schemaId: 1 },
        ])
      },
    })
    expect(run.error).toBeNull()
    expect((await table.rows()).map(([id]) => id)).toEqual(['3', '5', '9'])
  })

  it('fails when another writer adds rows of its partitions with another spec', async () => {
    const table = await create()
    await table.landed(ROWS, 'append')
    const run = await table.load('id,city,at\n5,a,\n', 'replace-partitions', {
      async afterStaging() {
        await table.update([
          {
            action: 'add-spec',
            spec: { specId: 1, fields: [{ sourceId: 1, fieldId: 1001, name: 'id_bucket', transform: 'bucket[2]' }] },
          },
          { action: 'set-default-spec', specId: 1 },
        ])
        await table.appendAsOther('id,city,at\n9,a,\n')
      },
    })
    expect(run).toMatchObject({ state: 'failed', error: { code: 'commit-conflict' } })
  })
})
