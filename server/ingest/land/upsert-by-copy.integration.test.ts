import { describe, expect, it } from 'vitest'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { findStrayFiles } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable, type LandingTableOptions } from '@/testing/ingest/landing-table'
import { column } from '@/testing/ingest/test-staging'
import { readLog } from '@/server/db/jobs/run-logs'
import type { Run } from '@/server/db/jobs/runs'

const home = createTestHome({ LAKESHORE_CATALOG_NAME: 'lake' })
const FIELDS = [column(1, 'id', 'long', true), column(2, 'city', 'string'), column(3, 'n', 'int')]

function create(formatVersion: string, more: Partial<LandingTableOptions> = {}): Promise<LandingTable> {
  return LandingTable.create(home.services, {
    fields: FIELDS,
    identifierFieldIds: [1],
    ...more,
    properties: { 'format-version': formatVersion, 'write.merge.mode': 'Copy-On-Write', ...more.properties },
  })
}

async function wasPlannedAgain({ id }: Run): Promise<boolean> {
  return (await readLog(home.database, id, 0, 100)).some(({ text }) => text.includes('planned again'))
}

const kindsOf = async (table: LandingTable) =>
  (await table.files()).map(({ dataFile }) => `${dataFile.content} ${dataFile.recordCount}`).sort()

describe.each(['2', '3'])('An upsert by copy-on-write in format version %s', (formatVersion) => {
  it('writes the other rows of a file again, and no deletes', async () => {
    const table = await create(formatVersion, { partitionBy: 'city' })
    await table.landed('id,city,n\n1,a,1\n2,a,2\n3,b,3\n4,c,4\n', 'append')
    const before = new Set((await table.files()).map(({ dataFile }) => dataFile.filePath))
    const run = await table.landed('id,city,n\n2,b,20\n3,b,30\n5,e,50\n', 'upsert')
    expect(run.outcome).toMatchObject({ rowsUpdated: 2, rowsInserted: 1, rowsSuperseded: 0, rowsCommitted: 3 })
    expect(await table.rows()).toEqual([
      ['1', 'a', '1'],
      ['2', 'b', '20'],
      ['3', 'b', '30'],
      ['4', 'c', '4'],
      ['5', 'e', '50'],
    ])
    expect(await kindsOf(table)).toEqual(['data 1', 'data 1', 'data 1', 'data 2'])
    // The file of c has no key of the load, so it is the only one that stays.
    expect((await table.files()).filter(({ dataFile }) => before.has(dataFile.filePath))).toHaveLength(1)
    expect(await table.summary()).toMatchObject({
      operation: 'overwrite',
      'added-data-files': '3',
      'deleted-data-files': '2',
      'added-records': '4',
      'deleted-records': '3',
      'total-records': '5',
      'total-delete-files': '0',
    })
    expect(await findStrayFiles(home.services)).toEqual([])
  })

  it('adds no row that a later one of the input supersedes', async () => {
    const table = await create(formatVersion, { partitionBy: 'city' })
    const { outcome } = await table.landed('id,city,n\n1,a,1\n2,a,2\n2,a,3\n9,z,1\n9,b,2\n', 'upsert')
    expect(outcome).toMatchObject({ rowsRead: 5, rowsSuperseded: 2, rowsInserted: 3, fileCount: 2 })
    expect(await table.rows()).toEqual([
      ['1', 'a', '1'],
      ['2', 'a', '3'],
      ['9', 'b', '2'],
    ])
    expect(await kindsOf(table)).toEqual(['data 1', 'data 2'])
    expect(await table.summary()).toMatchObject({ operation: 'append' })
  })

  it('removes the deletes by position of the files that it writes again', async () => {
    const table = await create(formatVersion)
    await table.landed('id,city,n\n1,a,1\n2,b,2\n3,c,3\n4,d,4\n', 'append')
    const [old] = await table.dataFiles()
    if (!old) throw new Error('no file')
    await deleteRows(home.services, table.identifier, old, [0, 1])
    const run = await table.landed('id,city,n\n2,y,20\n3,z,30\n', 'upsert')
    expect(run.outcome).toMatchObject({ rowsUpdated: 1, rowsInserted: 1 })
    expect(await kindsOf(table)).toEqual(['data 1', 'data 2'])
    expect(await table.rows()).toEqual([
      ['2', 'y', '20'],
      ['3', 'z', '30'],
      ['4', 'd', '4'],
    ])
  })

  it('writes the rows that it retains with the columns of the current schema', async () => {
    const table = await create(formatVersion)
    await table.landed('id,city,n\n1,a,1\n2,b,2\n', 'append')
    const { metadata } = await table.loaded()
    const fields = [column(1, 'key', 'long', true), column(3, 'n', 'long'), column(4, 'city', 'string')]
    await table.update([
      { action: 'add-schema', schema: { schemaId: -1, identifierFieldIds: [1], fields } },
      { action: 'set-current-schema', schemaId: -1 },
    ])
    expect(metadata.schemas).toHaveLength(1)
    await table.landed('key,n,city\n2,9007199254740993,y\n', 'upsert')
    expect(await table.rows()).toEqual([
      ['1', '1', null],
      ['2', '9007199254740993', 'y'],
    ])
  })

  it('plans again when another writer adds a key of the load, or deletes rows of a file that it writes again', async () => {
    const table = await create(formatVersion)
    await table.landed('id,city,n\n1,a,1\n2,b,2\n3,c,3\n', 'append')
    const [old] = await table.dataFiles()
    if (!old) throw new Error('no file')
    const first = await table.landWhile(
      () => deleteRows(home.services, table.identifier, old, [0]),
      'id,city,n\n2,y,20\n',
      'upsert',
    )
    expect([first.state, await wasPlannedAgain(first)]).toEqual(['succeeded', true])
    const second = await table.landWhile(
      () => table.appendAsOther('id,city,n\n5,x,0\n6,x,0\n'),
      'id,city,n\n5,z,50\n',
      'upsert',
    )
    expect([second.state, await wasPlannedAgain(second)]).toEqual(['succeeded', true])
    expect(second.outcome).toMatchObject({ rowsUpdated: 1, rowsInserted: 0 })
    expect(await table.rows()).toEqual([
      ['2', 'y', '20'],
      ['3', 'c', '3'],
      ['5', 'z', '50'],
      ['6', 'x', '0'],
    ])
    expect(await findStrayFiles(home.services)).toEqual([])
  })
})

it('The rows that an upsert by copy-on-write retains have their ids and the numbers of their last updates', async () => {
  const table = await create('3')
  await table.landed('id,city,n\n1,a,1\n2,b,2\n3,c,3\n4,d,4\n', 'append')
  const lineage = async () =>
    new Map(
      (await readTableRows(await table.loaded())).map((row) => {
        const values = JSON.parse(row) as string[]
        return [values[0], values.slice(-2)]
      }),
    )
  const before = await lineage()
  expect(before.get('3')).toEqual(['2', '1'])
  await table.landed('id,city,n\n1,z,10\n', 'upsert')
  await table.landed('id,city,n\n2,z,20\n', 'upsert')
  const after = await lineage()
  expect([after.get('3'), after.get('4')]).toEqual([before.get('3'), before.get('4')])
  // New rows have ids that no row had.
  expect(Number(after.get('2')?.[0])).toBeGreaterThan(3)
  expect(after.get('2')?.[1]).toBe('3')
})

it('The rows of an upgraded table that an upsert by copy-on-write retains keep the number of their last update', async () => {
  const table = await create('2')
  await table.landed('id,city,n\n1,a,1\n2,b,2\n', 'append')
  await table.landed('id,city,n\n7,a,1\n', 'append')
  await table.update([{ action: 'upgrade-format-version', formatVersion: 3 }])
  await table.landed('id,city,n\n1,z,10\n', 'upsert')
  const rows = (await readTableRows(await table.loaded())).map((row) => JSON.parse(row) as string[])
  expect(rows.map((row) => [row[0], row.at(-1)])).toEqual([
    ['1', '3'],
    ['2', '1'],
    ['7', '2'],
  ])
  expect(new Set(rows.map((row) => row.at(-2))).size).toBe(3)
})
