import { utimesSync } from 'node:fs'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SCHEDULED_KINDS } from '@/server/changes/scheduled-kinds'
import { listRuns, type Run } from '@/server/db/jobs/runs'
import { readSchedule } from '@/server/db/jobs/schedules'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { INGEST } from '@/server/ingest/run/ingest-spec'
import { ScheduleQueue } from '@/server/jobs/schedule-loop'
import { VerbLake } from '@/testing/conformance/verbs/verb-lake'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { createTestLocations } from '@/testing/ingest/test-locations'
import { STAGE_HERE } from '@/testing/ingest/stage-here'

/** Loads that users save: which files their runs load, and that each is loaded once. */

const locations = await createTestLocations()
const home = createTestHome(locations.settings, STAGE_HERE)
beforeEach(async () => {
  await home.database.commit([rawChange('DELETE FROM schedules')])
})
afterEach(() => {
  locations.s3.faultFor = () => null
})
afterAll(() => locations.remove())

let folders = 0

async function openLake() {
  const lake = await VerbLake.open(home)
  await lake.createTable()
  const [on, editor] = [{ ...lake.wire, table: 't' }, await lake.signIn('editor')]
  const folder = `saved-${(folders += 1)}`
  const send = (fields: object = {}) =>
    lake.send(editor, 'saveLoad', {
      ...on,
      name: 'Nightly trips',
      inputs: [{ location: 'landing', match: `${folder}/**.csv` }],
      format: 'csv',
      startsBy: 'times',
      cron: '0 2 * * *',
      timeZone: 'Europe/Berlin',
      ...fields,
    })
  const save = async (fields: object = {}) => {
    const { status, body } = await send(fields)
    if (status !== 200) throw new Error(JSON.stringify(body))
    return (body['schedule'] as { id: string }).id
  }
  const put = (name: string, text: string) => locations.put('landing', `${folder}/${name}`, text)
  const snapshots = async () => (await lake.load()).metadata.snapshots
  return { lake, on, editor, send, save, put, snapshots, folder }
}

const kinds = () => ({
  [INGEST]: ingestRuns(home.services, home.services.runStage),
})

async function queueNext(id: string): Promise<Run | null> {
  const queue = new ScheduleQueue(home.services, SCHEDULED_KINDS, new AbortController().signal)
  await queue.queueDue((await readSchedule(home.database, id))?.nextAtMs ?? 0)
  const [run] = await listRuns(home.database, { scheduleId: id, states: ['queued'], limit: 1 })
  return run ?? null
}

/** Lets the schedule queue its next run, and carries it out. */
async function runNext(id: string): Promise<Run> {
  const run = await queueNext(id)
  if (run === null) throw new Error(`nothing is queued: ${(await readSchedule(home.database, id))?.pausedBecause}`)
  return runQueuedRun(home.services, run.id, kinds())
}

const loadedRows = (id: string) =>
  home.database.read(rawQuery('SELECT path, is_loaded FROM loaded_files WHERE schedule_id = ? ORDER BY path', [id]))

describe('A saved load', () => {
  it('loads each file once, and ends well without a snapshot when there are no new ones', async () => {
    const { save, put, snapshots } = await openLake()
    const id = await save()
    put('a.csv', 'id\n1\n')
    put('deep/b.csv', 'id\n2\n')
    expect(await runNext(id)).toMatchObject({
      state: 'succeeded',
      outcome: { rowsCommitted: 2, newFileCount: 2, changedFileCount: 0, remainingFileCount: 0 },
    })
    const nothing = await runNext(id)
    expect(nothing).toMatchObject({ state: 'succeeded', outcome: { snapshotId: null, rowsRead: 0, newFileCount: 0 } })
    put('c.csv', 'id\n3\n')
    expect(await runNext(id)).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 1, newFileCount: 1 } })
    expect(await snapshots()).toMatchObject([
      { summary: { 'added-records': '2' } },
      { summary: { 'added-records': '1', 'lakeshore.schedule-id': id } },
    ])
    expect((await loadedRows(id)).map((row) => row['is_loaded'])).toEqual([1, 1, 1])
  })

  it('is listed with what it loads, when it is next, and what its last run did', async () => {
    const { lake, editor, save, put, folder } = await openLake()
    const id = await save()
    put('a.csv', 'id\n1\n')
    await runNext(id)
    const { schedules } = await lake.get(editor, 'listSchedules', {})
    expect(schedules).toMatchObject([
      {
        id,
        title: 'Nightly trips',
        detail: `landing/${folder}/**.csv`,
        isOwn: true,
        canChange: true,
        startsBy: 'times',
        lastRun: { state: 'succeeded', outcome: { newFileCount: 1, rowsCommitted: 1 } },
      },
    ])
    expect(await lake.get(editor, 'listRuns', { schedule: id })).toMatchObject({ runs: [{ scheduleId: id }] })
  })

  it('is saved once under a key, and not where two people are demanded', async () => {
    const { lake, save, send } = await openLake()
    const key = { idempotencyKey: crypto.randomUUID() }
    expect(await save(key)).toBe(await save(key))
    expect(await send({ inputs: [{ uploadId: 'u1' }] })).toMatchObject({ status: 400 })
    expect(await send({ inputs: [{ location: 'nowhere', match: '*' }] })).toMatchObject({ status: 404 })
    expect(await send({ cron: 'whenever' })).toMatchObject({ status: 400 })
    await lake.demandTwoPeople()
    expect(await send()).toMatchObject({ status: 403, body: { detail: expect.stringContaining('Upload the files') } })
  })

  it.each([
    ['report', { newFileCount: 0, changedFileCount: 1, snapshotId: null }, 1],
    ['load-again', { newFileCount: 1, changedFileCount: 0, rowsCommitted: 2 }, 2],
  ])('asked to %s files that change after they were loaded', async (changedFiles, outcome, snapshotCount) => {
    const { save, put, snapshots } = await openLake()
    const id = await save({ changedFiles })
    put('a.csv', 'id\n1\n')
    await runNext(id)
    put('a.csv', 'id\n1\n2\n')
    expect(await runNext(id)).toMatchObject({ state: 'succeeded', outcome })
    expect(await runNext(id)).toMatchObject({ outcome: { newFileCount: 0 } })
    expect(await snapshots()).toHaveLength(snapshotCount)
  })

  it('knows a local file by its inode and its times', async () => {
    const { save, folder } = await openLake()
    const id = await save({ inputs: [{ location: 'drop', match: `${folder}/*.csv` }] })
    locations.put('drop', `${folder}/a.csv`, 'id\n1\n')
    const file = `${locations.folder}/drop/${folder}/a.csv`
    utimesSync(file, 1_000, 1_000)
    await runNext(id)
    expect(await runNext(id)).toMatchObject({ outcome: { newFileCount: 0, changedFileCount: 0 } })
    utimesSync(file, 2_000, 2_000)
    expect(await runNext(id)).toMatchObject({ outcome: { newFileCount: 0, changedFileCount: 1 } })
  })

  it('loads the files of a run that failed with the next one', async () => {
    const { save, put, snapshots } = await openLake()
    const id = await save()
    put('a.csv', 'id\nx\n')
    expect(await runNext(id)).toMatchObject({ state: 'failed', error: { code: 'rows-rejected' } })
    put('a.csv', 'id\n1\n')
    expect(await runNext(id)).toMatchObject({ state: 'succeeded', outcome: { newFileCount: 1 } })
    expect(await snapshots()).toHaveLength(1)
  })

  it('forgets its files when it is removed', async () => {
    const { lake, editor, save, put } = await openLake()
    const id = await save()
    put('a.csv', 'id\n1\n')
    await runNext(id)
    expect(await loadedRows(id)).toHaveLength(1)
    expect(await lake.send(editor, 'removeSchedule', { schedule: id })).toMatchObject({ status: 200 })
    expect(await loadedRows(id)).toEqual([])
    expect(await readSchedule(home.database, id)).toBeNull()
  })

  it('that was removed while its run reads loads the files all the same', async () => {
    const { save, put } = await openLake()
    const id = await save()
    put('a.csv', 'id\n1\n')
    const run = await queueNext(id)
    await home.database.commit([rawChange('DELETE FROM schedules')])
    expect(await runQueuedRun(home.services, run?.id ?? '', kinds())).toMatchObject({ state: 'succeeded' })
    expect(await loadedRows(id)).toEqual([])
  })

  it('pauses when its table was dropped and created again, when the location is gone, or when a policy demands two', async () => {
    const { lake, save } = await openLake()
    const id = await save()
    await lake.demandTwoPeople()
    expect(await queueNext(id)).toBeNull()
    expect((await readSchedule(home.database, id))?.pausedBecause).toContain('need two people')
    const other = await openLake()
    const second = await other.save()
    await home.database.commit([
      rawChange('UPDATE schedules SET spec = replace(spec, \'"tableUuid":"\', \'"tableUuid":"other-\')'),
    ])
    expect(await queueNext(second)).toBeNull()
    expect((await readSchedule(home.database, second))?.pausedBecause).toContain('was saved for another table')
  })
})

describe('After a run of unknown outcome', () => {
  /** A run that ended without a word from its catalog: the table has its snapshot, or not. */
  async function endUnknown({ isCommitted }: { isCommitted: boolean }) {
    const { lake, editor, save, put, snapshots } = await openLake()
    const id = await save()
    put('a.csv', 'id\n1\n')
    const { id: runId, outcome } = await runNext(id)
    const snapshotId = isCommitted ? outcome?.['snapshotId'] : '77'
    const error = { code: 'commit-state-unknown', detail: 'Nobody knows.', facts: { snapshotId } }
    await home.database.commit([
      rawChange("UPDATE runs SET state = 'failed', outcome = NULL, error = ? WHERE id = ?", [
        JSON.stringify(error),
        runId,
      ]),
      rawChange('UPDATE loaded_files SET is_loaded = 0 WHERE schedule_id = ?', [id]),
    ])
    expect(await queueNext(id)).toBeNull()
    expect((await readSchedule(home.database, id))?.pausedBecause).toBe(
      'It is unknown whether its last run was committed. Nobody knows.',
    )
    const resumed = await lake.send(editor, 'setSchedule', { schedule: id, isEnabled: true })
    expect(resumed).toMatchObject({ status: 200 })
    return { id, snapshots }
  }

  it.each([
    [true, 0],
    [false, 1],
  ])('the next one waits for a user; committed: %s, so it loads %i files', async (isCommitted, newFileCount) => {
    const { id } = await endUnknown({ isCommitted })
    expect(await runNext(id)).toMatchObject({ state: 'succeeded', outcome: { newFileCount } })
    expect(await loadedRows(id)).toMatchObject([{ is_loaded: 1 }])
  })
})

describe('When the worker of a run is lost', () => {
  /** Leaves a run as a worker that died around its commit: with a journal, and no record of its success. */
  async function lose({ id: runId, outcome }: Run, scheduleId: string, snapshotId: unknown): Promise<void> {
    const journal = { snapshotId, locations: [], mayBeSent: true, outcome, createdTableUuid: null }
    await home.database.commit([
      rawChange(
        "UPDATE runs SET state = 'running', outcome = NULL, finished_at_ms = NULL, lease_owner = 'dead', lease_until_ms = 0, journal = ? WHERE id = ?",
        [JSON.stringify(journal), runId],
      ),
      rawChange('UPDATE loaded_files SET is_loaded = 0 WHERE schedule_id = ?', [scheduleId]),
    ])
  }

  it('after its commit, the next one confirms its files without loading them again', async () => {
    const { save, put, snapshots } = await openLake()
    const id = await save()
    put('a.csv', 'id\n1\n')
    const run = await runNext(id)
    await lose(run, id, run.outcome?.['snapshotId'])
    expect(await runQueuedRun(home.services, run.id, kinds())).toMatchObject({ state: 'succeeded', attempt: 2 })
    expect(await loadedRows(id)).toMatchObject([{ is_loaded: 1 }])
    expect(await runNext(id)).toMatchObject({ outcome: { newFileCount: 0 } })
    expect(await snapshots()).toHaveLength(1)
  })

  it('before its commit, the next one loads its files', async () => {
    const { save, put, snapshots } = await openLake()
    const id = await save()
    put('a.csv', 'id\n1\n')
    const run = await runNext(id)
    await lose(run, id, '77')
    expect(await runQueuedRun(home.services, run.id, kinds())).toMatchObject({
      state: 'succeeded',
      attempt: 2,
      outcome: { newFileCount: 1 },
    })
    expect(await loadedRows(id)).toMatchObject([{ is_loaded: 1 }])
    expect(await snapshots()).toHaveLength(2)
  })
})
