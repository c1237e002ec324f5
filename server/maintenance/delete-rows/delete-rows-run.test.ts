import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { deleteByEquality } from '@/testing/catalogs/delete-by-equality'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { findStrayFiles, openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { byCases } from '@/testing/property-cases'
import { createTestHome } from '@/testing/homes/test-home'
import { LANDED_FIELDS, LandingTable } from '@/testing/ingest/landing-table'
import { deleteMatchingRows, queueDeletion } from '@/testing/jobs/delete-rows'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { undo } from '@/testing/lifecycle/actions'
import { listRuns, type Run } from '@/server/db/jobs/runs'
import { readLog } from '@/server/db/jobs/run-logs'
import { readHistoryAs } from '@/testing/lifecycle/history'
import { deleteRowsRuns } from './delete-rows-run'
import { DELETE_ROWS } from './delete-rows-task'
import { readDeletionReview } from './deletion-review'

const home = createTestHome({ LAKESHORE_CATALOG_NAME: 'lake' })
const { signal } = new AbortController()

const MODES = [
  ['2', 'merge-on-read'],
  ['2', 'copy-on-write'],
  ['3', 'merge-on-read'],
  ['3', 'copy-on-write'],
] as const

function create([formatVersion, mode]: (typeof MODES)[number], properties: Record<string, string> = {}) {
  return LandingTable.create(home.services, {
    fields: LANDED_FIELDS,
    partitionBy: 'city',
    properties: { 'format-version': formatVersion, 'write.delete.mode': mode, ...properties },
  })
}

const deleteFrom = (table: LandingTable, where: string, branch: string | null = null) =>
  deleteMatchingRows(home.services, table.identifier, where, branch)
const wasPlannedAgain = async ({ id }: Run) =>
  (await readLog(home.database, id, 0, 100)).some(({ text }) => text.includes('planned again'))
const idsIn = async (table: LandingTable, branch?: string) => (await table.rows(branch)).map(([id]) => id)
const reviewOf = async (table: LandingTable, where: string, branch: string | null = null) =>
  readDeletionReview(home.services, await table.loaded(), { where, branch }, signal)

/** Deletes rows while another writer acts once, right before the first manifest of the deletion is written. */
async function deleteWhile(table: LandingTable, act: () => Promise<unknown>, where: string): Promise<Run> {
  const store = home.services.stores.catalogStore('lake')
  const { writeNew } = store
  let hasActed = false
  store.writeNew = async (location, bytes) => {
    if (!hasActed && location.endsWith('.avro')) {
      hasActed = true
      await act()
    }
    return writeNew(location, bytes)
  }
  try {
    return await deleteFrom(table, where)
  } finally {
    store.writeNew = writeNew
  }
}

async function firstFile(table: LandingTable) {
  const [file] = await table.dataFiles()
  if (!file) throw new Error('the table has no file')
  return file
}

/** Each format and each mode once. */
const SOME_MODES = [MODES[1], MODES[2]] as const

describe.each(byCases<readonly (typeof MODES)[number][]>(SOME_MODES, MODES))(
  'A deletion of rows in format version %s, by %s',
  (...mode) => {
    const isCopied = mode[1] === 'copy-on-write'

    it('removes files by their metadata without reading them', async () => {
      const table = await create(mode)
      await table.landed('id,city,n\n1,a,1\n2,a,2\n3,b,3\n', 'append')
      for (const { dataFile } of await table.dataFiles())
        writeFileSync(home.services.stores.localPath(dataFile.filePath), 'damaged')
      expect(await reviewOf(table, 'city = "a"')).toMatchObject({
        wholeFileCount: 1,
        wholeRowCount: 2,
        candidateFileCount: 0,
        matchingRowCount: 0,
        isComplete: true,
      })
      const run = await deleteFrom(table, 'city = "a"')
      expect(run.outcome).toMatchObject({ rowsDeleted: 2, filesRemoved: 1, filesChanged: 0, filesRead: 0 })
      expect(await table.summary()).toMatchObject({
        operation: 'delete',
        'deleted-data-files': '1',
        'deleted-records': '2',
        'total-records': '1',
        'lakeshore.run-id': run.id,
      })
    })

    it('changes nothing where no row matches', async () => {
      const table = await create(mode)
      await table.landed('id,city,n\n1,a,1\n3,a,3\n', 'append')
      const { metadataLocation } = await table.loaded()
      expect((await deleteFrom(table, 'id = 2')).outcome).toMatchObject({
        snapshotId: null,
        rowsDeleted: 0,
        filesRead: 1,
      })
      expect((await table.loaded()).metadataLocation).toBe(metadataLocation)
      expect(await findStrayFiles(home.services)).toEqual([])
    })

    it('counts in its review what it deletes', async () => {
      const table = await create(mode)
      await table.landed('id,city,n\n1,a,1\n2,a,\n3,b,3\n4,b,\n5,c,\n', 'append')
      const review = await reviewOf(table, '`n` is null or city = "a"')
      expect(review).toMatchObject({
        where: 'n is null or city = "a"',
        branch: 'main',
        mode: mode[1],
        deleteFormat: mode[0] === '3' ? 'deletion-vectors' : 'position-deletes',
        wholeFileCount: 2,
        wholeRowCount: 3,
        candidateFileCount: 1,
        readFileCount: 1,
        matchingFileCount: 1,
        matchingRowCount: 1,
        isComplete: true,
      })
      expect((await deleteFrom(table, review.where)).outcome).toMatchObject({
        rowsDeleted: 4,
        filesRemoved: 2,
        filesChanged: 1,
        mode: mode[1],
      })
      expect(await idsIn(table)).toEqual(['3'])
    })

    it('finds the columns of its filter by their ids when they get other names while it waits', async () => {
      const table = await create(mode)
      await table.landed('id,city,n\n1,a,1\n2,a,2\n', 'append')
      const id = await queueDeletion(home.services, table.identifier, 'id = 2')
      const names = ['n', 'city', 'id']
      const fields = LANDED_FIELDS.map((field, i) => ({ ...field, name: names[i] ?? '' }))
      await table.update([
        { action: 'add-schema', schema: { schemaId: -1, identifierFieldIds: [], fields } },
        { action: 'set-current-schema', schemaId: -1 },
      ])
      await runQueuedRun(home.services, id, { [DELETE_ROWS]: deleteRowsRuns(home.services) })
      expect(await table.rows()).toEqual([['1', 'a', '1']])
    })

    it('plans again when another writer adds a row that may match, unless the isolation level is snapshot', async () => {
      for (const [properties, expected, again] of [
        [{}, ['1', '3'], true],
        [{ 'write.delete.isolation-level': 'snapshot' }, ['1', '3', '4'], false],
      ] as const) {
        const table = await create(mode, properties)
        await table.landed('id,city,n\n1,a,1\n2,a,2\n3,b,3\n', 'append')
        const run = await deleteWhile(table, () => table.appendAsOther('id,city,n\n4,a,2\n'), 'n = 2')
        expect([run.state, await wasPlannedAgain(run)]).toEqual(['succeeded', again])
        expect(await idsIn(table)).toEqual(expected)
        expect(await findStrayFiles(home.services)).toEqual([])
      }
    })

    it('does not plan again when another writer adds rows that cannot match', async () => {
      const table = await create(mode)
      await table.landed('id,city,n\n1,a,1\n2,a,2\n', 'append')
      const run = await deleteWhile(table, () => table.appendAsOther('id,city,n\n4,b,2\n'), 'n = 2 and city = "a"')
      expect([run.state, await wasPlannedAgain(run)]).toEqual(['succeeded', false])
      expect(await idsIn(table)).toEqual(['1', '4'])
    })

    it('keeps the deletes of other writers in effect, by position and by equality', async () => {
      const table = await create(mode)
      await table.landed('id,city,n\n1,a,1\n2,a,2\n3,a,3\n4,a,4\n', 'append')
      const file = await firstFile(table)
      const byPosition = await deleteWhile(table, () => deleteRows(home.services, table.identifier, file, [0]), 'n = 2')
      // A file has one deletion vector, and a rewritten file is newer than deletes of the old one.
      expect([byPosition.state, await wasPlannedAgain(byPosition)]).toEqual(['succeeded', isCopied || mode[0] === '3'])
      expect(await idsIn(table)).toEqual(['3', '4'])
      const other = await firstFile(table)
      const byEquality = await deleteWhile(
        table,
        () => deleteByEquality(home.services, table.identifier, other, { fieldId: 1, values: [3n] }),
        'n = 5 or (n = 4 and id = 4)',
      )
      expect([byEquality.state, await wasPlannedAgain(byEquality)]).toEqual(['succeeded', isCopied])
      expect(await idsIn(table)).toEqual([])
    })

    it('deletes rows of a branch, which History takes back', async () => {
      const table = await create(mode)
      await table.landed('id,city,n\n1,a,1\n2,a,2\n', 'append')
      await table.landed('id,city,n\n3,a,3\n', 'append', { branch: 'audit' })
      expect((await deleteFrom(table, 'n <= 2 and n != 1', 'audit')).outcome).toMatchObject({ rowsDeleted: 1 })
      expect([await idsIn(table), await idsIn(table, 'audit')]).toEqual([
        ['1', '2'],
        ['1', '3'],
      ])
      await deleteFrom(table, 'n = 1')
      const { entries } = await readHistoryAs(home.services, await table.loaded(), TEST_ACTOR)
      const { namespace, table: name } = table.identifier
      for (const [i, entry] of entries.slice(0, 2).entries())
        await undo(home.services, table.identifier, entry.auditId ?? '', {
          actor: TEST_ACTOR,
          signal,
          requestId: null,
          idempotencyKey: `undo-of-a-deletion-${name}-${i}`,
          confirmedName: [...namespace, name].join('.'),
        })
      expect([await idsIn(table), await idsIn(table, 'audit')]).toEqual([
        ['1', '2'],
        ['1', '2', '3'],
      ])
    })

    it('leaves files in its journal when its worker is killed, which the next one removes', async () => {
      const table = await create(mode)
      await table.landed('id,city,n\n1,a,1\n2,a,2\n', 'append')
      const left: (readonly string[])[] = []
      const settleAsNextWorker = async () => {
        const [run] = await listRuns(home.database, { states: ['running'], limit: 1 })
        if (!run) throw new Error('no run')
        left.push(await findStrayFiles(home.services))
        expect(await deleteRowsRuns(home.services).settle(run)).toBeNull()
        left.push(await findStrayFiles(home.services))
        throw new AppError('storage-full', 'The killed worker does nothing more.')
      }
      await deleteWhile(table, settleAsNextWorker, 'n = 2')
      const [before = [], after] = left
      expect(before.filter((file) => file.startsWith('file:'))).toHaveLength(1)
      expect(after).toEqual([])
      expect(await idsIn(table)).toEqual(['1', '2'])
    })
  },
)

describe('A deletion of rows', () => {
  it('is refused for a tag, for a branch that does not exist, and for a filter that does not fit', async () => {
    const table = await create(['2', 'merge-on-read'])
    await table.landed('id,city,n\n1,a,1\n', 'append')
    const { metadata } = await table.loaded()
    const snapshotId = metadata.currentSnapshotId ?? ''
    await table.update([{ action: 'set-snapshot-ref', refName: 'v1', snapshotId, type: 'tag' }])
    await expect(reviewOf(table, 'id = 1', 'v1')).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(reviewOf(table, 'id = 1', 'none')).rejects.toMatchObject({ code: 'not-found' })
    await expect(reviewOf(table, 'name = 1')).rejects.toMatchObject({ code: 'invalid-request' })
    expect(await deleteFrom(table, 'id = 1', 'none')).toMatchObject({ state: 'failed', error: { code: 'not-found' } })
  })

  it('does nothing in another table that got the name while the run waited', async () => {
    const table = await create(['2', 'merge-on-read'])
    await table.landed('id,city,n\n1,a,1\n', 'append')
    const id = await queueDeletion(home.services, table.identifier, 'id = 1')
    const catalog = await openTestCatalog(home.services)
    const { metadata } = await table.loaded()
    await catalog.write({ kind: 'drop-table', table: table.identifier })
    await catalog.write({
      kind: 'create-table',
      table: table.identifier,
      schema: { schemaId: 0, identifierFieldIds: [], fields: LANDED_FIELDS },
    })
    await table.appendAsOther('id,city,n\n1,a,1\n')
    const run = await runQueuedRun(home.services, id, { [DELETE_ROWS]: deleteRowsRuns(home.services) })
    expect(run).toMatchObject({ state: 'failed', error: { code: 'not-found' } })
    expect((await table.loaded()).metadata.tableUuid).not.toBe(metadata.tableUuid)
    expect(await idsIn(table)).toEqual(['1'])
  })
})
