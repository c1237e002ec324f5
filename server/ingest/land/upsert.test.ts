import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { findStrayFiles } from '@/testing/catalogs/test-catalog'
import { byCases } from '@/testing/property-cases'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable, type LandingTableOptions } from '@/testing/ingest/landing-table'
import { column } from '@/testing/ingest/test-staging'
import { readLog } from '@/server/db/jobs/run-logs'
import { listRuns, type Run } from '@/server/db/jobs/runs'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { readAddedFiles } from '@/server/table/files/added-files'
import type { LiveFile } from '@/server/table/files/live-files'

const home = createTestHome({ LAKESHORE_CATALOG_NAME: 'lake' })
const FIELDS = [column(1, 'id', 'long', true), column(2, 'city', 'string'), column(3, 'n', 'int')]

afterEach(() => vi.restoreAllMocks())

function create(formatVersion: string, more: Partial<LandingTableOptions> = {}): Promise<LandingTable> {
  return LandingTable.create(home.services, {
    fields: FIELDS,
    identifierFieldIds: [1],
    ...more,
    properties: { 'format-version': formatVersion, ...more.properties },
  })
}

async function wasPlannedAgain({ id }: Run): Promise<boolean> {
  return (await readLog(home.database, id, 0, 100)).some(({ text }) => text.includes('planned again'))
}

const deletesOf = (files: readonly LiveFile[]) =>
  files
    .filter(({ dataFile }) => dataFile.content !== 'data')
    .map(({ dataFile }) => `${dataFile.fileFormat} ${dataFile.recordCount}`)
    .sort()

describe.each(byCases(['3'], ['2', '3']))('An upsert in format version %s', (formatVersion) => {
  const format = formatVersion === '3' ? 'puffin' : 'parquet'

  it('replaces rows by their keys, 64-bit ones exactly, and adds the others', async () => {
    const table = await create(formatVersion)
    await table.landed('id,city,n\n1,a,1\n2,b,2\n9007199254740992,c,3\n', 'append')
    const run = await table.landed('id,city,n\n2,z,20\n9007199254740993,y,4\n', 'upsert')
    expect(run.outcome).toMatchObject({ rowsUpdated: 1, rowsInserted: 1, rowsSuperseded: 0, rowsCommitted: 2 })
    expect(await table.rows()).toEqual([
      ['1', 'a', '1'],
      ['2', 'z', '20'],
      ['9007199254740992', 'c', '3'],
      ['9007199254740993', 'y', '4'],
    ])
    expect(deletesOf(await table.files())).toEqual([`${format} 1`])
    expect(await table.summary()).toMatchObject({
      operation: 'overwrite',
      'added-records': '2',
      'added-position-deletes': '1',
      'total-records': '5',
      'lakeshore.run-id': run.id,
    })
  })

  it('leaves as many rows as the description of its snapshot counts, whatever its data files have', async () => {
    const table = await create(formatVersion)
    await table.landed('id,city,n\n1,a,1\n2,b,2\n9,i,9\n', 'append')
    await table.landed('id,city,n\n2,x,20\n2,z,20\n3,c,3\n', 'upsert')
    // In format version 2, a second file of positions then applies to the same data file.
    const run = await table.landed('id,city,n\n1,y,10\n', 'upsert')
    const { metadata, ...loaded } = await table.loaded()
    const described = await Promise.all(
      metadata.snapshots.map(({ snapshotId }) =>
        readAddedFiles(home.services, { metadata, ...loaded }, { snapshotId, signal: new AbortController().signal }),
      ),
    )
    expect(described.map(({ liveRows, rows }) => [liveRows.before, liveRows.after, rows.after])).toEqual([
      ['0', '3', '3'],
      ['3', '4', '6'],
      ['4', '4', '7'],
    ])
    expect(run.outcome).toMatchObject({ rowsUpdated: 1, rowsInserted: 0 })
    expect(await table.rows()).toHaveLength(4)
  })

  it('appends where no row has a key of the load', async () => {
    const table = await create(formatVersion)
    const first = await table.landed('id,city,n\n1,a,1\n', 'upsert')
    const second = await table.landed('id,city,n\n2,b,2\n', 'upsert')
    expect([first.outcome, second.outcome]).toMatchObject([
      { rowsUpdated: 0, rowsInserted: 1 },
      { rowsUpdated: 0, rowsInserted: 1 },
    ])
    expect(await table.summary()).toMatchObject({ operation: 'append' })
    expect(deletesOf(await table.files())).toEqual([])
  })

  it('changes nothing without rows', async () => {
    const table = await create(formatVersion)
    expect((await table.landed('id,city,n\n', 'upsert')).outcome).toMatchObject({ snapshotId: null })
    expect((await table.loaded()).metadata.snapshots).toEqual([])
  })

  it('finds a row in another partition than the new one has', async () => {
    const table = await create(formatVersion, { partitionBy: 'city' })
    await table.landed('id,city,n\n1,a,1\n2,a,2\n3,b,3\n', 'append')
    await table.landed('id,city,n\n2,b,20\n', 'upsert')
    expect(await table.rows()).toEqual([
      ['1', 'a', '1'],
      ['2', 'b', '20'],
      ['3', 'b', '3'],
    ])
    const deletes = (await table.files()).filter(({ dataFile }) => dataFile.content !== 'data')
    expect(deletes.map(({ partitionLabel }) => partitionLabel)).toEqual(['city=a'])
  })

  it('removes a data file of which no row is left, with the deletes that apply to it alone', async () => {
    const table = await create(formatVersion)
    await table.landed('id,city,n\n1,a,1\n2,b,2\n3,c,3\n', 'append')
    const [old] = await table.dataFiles()
    if (!old) throw new Error('no file')
    await deleteRows(home.services, table.identifier, old, [1])
    const run = await table.landed('id,city,n\n1,x,10\n2,y,20\n3,z,30\n', 'upsert')
    expect(run.outcome).toMatchObject({ rowsUpdated: 2, rowsInserted: 1 })
    expect(await table.rows()).toEqual([
      ['1', 'x', '10'],
      ['2', 'y', '20'],
      ['3', 'z', '30'],
    ])
    expect((await table.files()).map(({ dataFile }) => dataFile.recordCount)).toEqual([3])
  })

  it('leaves the deletes of others in effect, and does not count their rows as updated', async () => {
    const table = await create(formatVersion)
    await table.landed('id,city,n\n1,a,1\n2,b,2\n3,c,3\n4,d,4\n', 'append')
    const [old] = await table.dataFiles()
    if (!old) throw new Error('no file')
    await deleteRows(home.services, table.identifier, old, [0, 1])
    const run = await table.landed('id,city,n\n2,y,20\n3,z,30\n', 'upsert')
    expect(run.outcome).toMatchObject({ rowsUpdated: 1, rowsInserted: 1 })
    expect(await table.rows()).toEqual([
      ['2', 'y', '20'],
      ['3', 'z', '30'],
      ['4', 'd', '4'],
    ])
    // A data file has one deletion vector, which contains the earlier deletes.
    expect(deletesOf(await table.files())).toEqual(formatVersion === '3' ? ['puffin 3'] : ['parquet 1', 'parquet 2'])
  })

  it.each([
    ['in a table without partitions', {}],
    ['in a table that is partitioned by the key', { partitionBy: 'bucket(4, id)' }],
    ['in a table that is partitioned by another column', { partitionBy: 'city' }],
    [
      'in a sorted table',
      {
        sortOrder: {
          orderId: 1,
          fields: [{ sourceId: 3, transform: 'identity', direction: 'desc', nullOrder: 'nulls-last' }],
        } as const,
      },
    ],
  ])('takes the last row of a key of the input %s', async (_where, more) => {
    const table = await create(formatVersion, more)
    await table.landed('id,city,n\n1,a,1\n2,b,2\n', 'append')
    const lines = ['1,c,9', '3,d,4', '1,b,7', '3,d,4', '1,a,8', '4,b,5', '1,c,2', '3,b,1', '5,e,6', '5,d,6']
    const run = await table.landed(`id,city,n\n${lines.join('\n')}\n`, 'upsert')
    expect(run.outcome).toMatchObject({
      rowsRead: 10,
      rowsSuperseded: 6,
      rowsCommitted: 4,
      rowsUpdated: 1,
      rowsInserted: 3,
    })
    expect(await table.rows()).toEqual([
      ['1', 'c', '2'],
      ['2', 'b', '2'],
      ['3', 'b', '1'],
      ['4', 'b', '5'],
      ['5', 'd', '6'],
    ])
    const labels = (await table.dataFiles()).map(({ partitionLabel }) => partitionLabel)
    expect(labels).not.toContain('city=e')
  })

  it.each([null, 'city'])('takes the row of the last file (partitioned by %s)', async (partitionBy) => {
    const table = await create(formatVersion, { partitionBy })
    const files = ['2,a,9\n1,b,1\n', '1,c,2\n3,a,1\n', '3,b,2\n4,a,1\n'].map((rows) => `id,city,n\n${rows}`)
    const { outcome } = await table.landed(files, 'upsert')
    expect(outcome).toMatchObject({ rowsRead: 6, rowsSuperseded: 2, rowsInserted: 4 })
    expect(await table.rows()).toEqual([
      ['1', 'c', '2'],
      ['2', 'a', '9'],
      ['3', 'b', '2'],
      ['4', 'a', '1'],
    ])
  })

  it('compares keys of several columns by their values', async () => {
    const table = await create(formatVersion, {
      fields: [
        column(1, 'name', 'string', true),
        column(2, 'amount', 'decimal(38, 10)', true),
        column(3, 'code', 'binary', true),
        column(4, 'at', 'timestamp', true),
        column(5, 'n', 'int'),
      ],
      identifierFieldIds: [1, 2, 3, 4],
    })
    const row = (name: string, n: number, amount = '1234567890123456789012345678.0123456789', code = '00ff') =>
      `${name},${amount},${code},2001-02-03T04:05:06.000001,${n}\n`
    await table.landed(
      `name,amount,code,at,n\n${row('é', 1)}${row('e\u0301', 2)}${row('é', 3, '0.0000000001')}${row('é', 4, undefined, '00fe')}`,
      'append',
    )
    const run = await table.landed(`name,amount,code,at,n\n${row('é', 9)}`, 'upsert')
    expect(run.outcome).toMatchObject({ rowsUpdated: 1, rowsInserted: 0 })
    expect(new Set((await table.rows()).map((values) => values.at(-1)))).toEqual(new Set(['2', '3', '4', '9']))
  })

  it('plans again when another writer adds a key of the load, and not for other keys', async () => {
    const table = await create(formatVersion)
    await table.landed('id,city,n\n1,a,1\n2,b,2\n', 'append')
    const other = await table.landWhile(
      () => table.appendAsOther('id,city,n\n70,x,0\n'),
      'id,city,n\n2,y,20\n',
      'upsert',
    )
    expect([other.state, await wasPlannedAgain(other)]).toEqual(['succeeded', false])
    const same = await table.landWhile(
      () => table.appendAsOther('id,city,n\n1,x,0\n5,x,0\n'),
      'id,city,n\n2,z,30\n5,z,50\n',
      'upsert',
    )
    expect([same.state, await wasPlannedAgain(same)]).toEqual(['succeeded', true])
    expect(same.outcome).toMatchObject({ rowsUpdated: 2, rowsInserted: 0 })
    expect((await table.rows()).filter(([id]) => id !== '1' && id !== '70')).toEqual([
      ['2', 'z', '30'],
      ['5', 'z', '50'],
    ])
    expect(await findStrayFiles(home.services)).toEqual([])
  })

  it('plans again when another writer deletes rows of a file that it has searched', async () => {
    const table = await create(formatVersion)
    await table.landed('id,city,n\n1,a,1\n2,b,2\n3,c,3\n', 'append')
    const [old] = await table.dataFiles()
    if (!old) throw new Error('no file')
    const run = await table.landWhile(
      () => deleteRows(home.services, table.identifier, old, [0, 1]),
      'id,city,n\n2,y,20\n',
      'upsert',
    )
    expect([run.state, await wasPlannedAgain(run)]).toEqual(['succeeded', true])
    expect(run.outcome).toMatchObject({ rowsUpdated: 0, rowsInserted: 1 })
    expect(await table.rows()).toEqual([
      ['2', 'y', '20'],
      ['3', 'c', '3'],
    ])
  })

  it('leaves no file behind when the commit fails after the delete files were written', async () => {
    const table = await create(formatVersion)
    await table.landed('id,city,n\n1,a,1\n2,b,2\n', 'append')
    const store = home.services.stores.catalogStore('lake')
    const { writeNew } = store
    const written: string[] = []
    vi.spyOn(store, 'writeNew').mockImplementation(async (location, bytes) => {
      written.push(location)
      if (/\/snap-/.test(location)) throw new AppError('storage-full', 'The disk is full.')
      return writeNew(location, bytes)
    })
    const run = await table.load('id,city,n\n2,y,20\n2,z,21\n', 'upsert')
    vi.restoreAllMocks()
    expect(run).toMatchObject({ state: 'failed', error: { code: 'storage-full' }, journal: null })
    expect(written.filter((location) => location.endsWith(`.${format}`))).toHaveLength(2)
    expect(await findStrayFiles(home.services)).toEqual([])
  })
})

describe.each(byCases(['3'], ['2', '3']))(
  'A worker that is killed after it wrote the files of an upsert (v%s)',
  (formatVersion) => {
    it('leaves files that the next worker finds in the journal, and removes', async () => {
      const table = await create(formatVersion)
      await table.landed('id,city,n\n1,a,1\n2,b,2\n', 'append')
      const { rows, left } = { rows: await table.rows(), left: [] as (readonly string[])[] }
      const settleAsNextWorker = async () => {
        const [run] = await listRuns(home.database, { states: ['running'], limit: 1 })
        if (!run) throw new Error('no run')
        left.push(await findStrayFiles(home.services))
        expect(await ingestRuns(home.services, neverStage).settle(run)).toBeNull()
        left.push(await findStrayFiles(home.services))
        throw new AppError('storage-full', 'The killed worker does nothing more.')
      }
      await table.landWhile(settleAsNextWorker, 'id,city,n\n2,y,20\n2,z,21\n', 'upsert')
      const [before = [], after] = left
      // A data file, and deletes of the old row and of the superseded one; and the folder of the staging.
      expect(before.filter((file) => file.startsWith('file:'))).toHaveLength(3)
      expect(after).toEqual([])
      expect(await table.rows()).toEqual(rows)
    })
  },
)

function neverStage(): never {
  throw new Error('settling stages nothing')
}

describe('An upsert', () => {
  it('is refused without identifier fields, before the input is read', async () => {
    const table = await create('2', { identifierFieldIds: [] })
    const { error } = await table.load('id,city,n\nx,y,z\n', 'upsert')
    expect(error?.code).toBe('invalid-request')
    expect(error?.detail).toContain('has no identifier fields')
  })

  it('replaces deletes by position of an upgraded table with a deletion vector', async () => {
    const table = await create('2')
    await table.landed('id,city,n\n1,a,1\n2,b,2\n3,c,3\n4,d,4\n', 'append')
    await table.landed('id,city,n\n1,x,10\n', 'upsert')
    await table.update([{ action: 'upgrade-format-version', formatVersion: 3 }])
    await table.landed('id,city,n\n2,y,20\n', 'upsert')
    expect(deletesOf(await table.files())).toEqual(['puffin 2'])
    expect(await table.rows()).toEqual([
      ['1', 'x', '10'],
      ['2', 'y', '20'],
      ['3', 'c', '3'],
      ['4', 'd', '4'],
    ])
  })
})
