import { afterAll, beforeAll, expect, it, test } from 'vitest'
import type { Schedule as WireSchedule } from '@/lib/contract/jobs'
import { deleteGrantChange, putGrantChanges } from '@/server/db/auth/grants'
import { type Run, readRun } from '@/server/db/jobs/runs'
import { readSchedule, type Schedule } from '@/server/db/jobs/schedules'
import { SCHEDULED_KINDS } from '@/server/changes/scheduled-kinds'
import { createReadFetch } from '@/server/endpoints/query-reads'
import { SAVE_RESULT } from '@/server/jobs/private-runs'
import { ScheduleQueue } from '@/server/jobs/schedule-loop'
import { currentSnapshot } from '@/server/metrics/sizes/snapshot-totals'
import { readLiveFiles } from '@/server/table/files/live-files'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { VerbLake } from '@/testing/conformance/verbs/verb-lake'
import { SharedQueryProcess } from '@/testing/engines/shared-query-process'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome, type SignedInUser } from '@/testing/homes/test-home'
import { loadCsv, runQueuedRun } from '@/testing/ingest/load-table'
import { stageInput } from '../stage/stage-input'
import { saveResultRuns } from './save-result-run'

const home = createTestHome({ LAKESHORE_QUERY_PROCESSES: '1', LAKESHORE_QUERY_MEMORY_MIB: '256' })
const engines = new SharedQueryProcess()
let lake: VerbLake
let editor: SignedInUser
let count = 0

beforeAll(async () => {
  Object.assign(home.services, { sqlEngine: engines.createEngine(home.config) })
  lake = await VerbLake.open(home)
  editor = await lake.signIn('editor')
})
afterAll(() => engines.end())

type Fields = Readonly<Record<string, unknown>>

/** A table with these numbers, under a new name. */
async function createTable(csv = 'n\n'): Promise<string> {
  const name = `t${(count += 1)}`
  const field = { id: 1, name: 'n', required: true, type: 'long' }
  const schema = { type: 'struct', fields: [field], 'identifier-field-ids': [1] }
  await loadCsv(home.services, lake.table(name), csv, { schema })
  return name
}

const append = (table: string, csv: string) => loadCsv(home.services, lake.table(table), `n\n${csv}`)

const incrementalOf = (source: string, choice: Fields = {}) => [
  { table: { ...lake.wire, table: source }, onOtherChanges: 'stop', ...choice },
]

const send = (target: string, sql: string, more: Fields = {}, user = editor) =>
  lake.send(user, 'repeatResult', {
    ...lake.wire,
    table: target,
    name: 'Silver',
    query: { sql, cursor: 0, connection: lake.wire.catalog },
    ...more,
  })

async function repeat(target: string, sql: string, more: Fields = {}, user = editor): Promise<string> {
  const { status, body } = await send(target, sql, more, user)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return (body['schedule'] as WireSchedule).id
}

/** Runs a saved result now with a worker in this process. */
async function runNow(schedule: string, user = editor, maxBytes?: number): Promise<Run> {
  const { status, body } = await lake.send(user, 'runSchedule', { schedule })
  if (status !== 200) throw new Error(JSON.stringify(body))
  return await execute((body['run'] as { id: string }).id, maxBytes)
}

async function execute(id: string, maxBytes?: number): Promise<Run> {
  const kind = saveResultRuns(home.services, {
    runStage: (request, { onProgress }) => stageInput(request, onProgress),
    readFetch: createReadFetch(home.services),
    ...(maxBytes !== undefined && { maxBytes }),
  })
  return await runQueuedRun(home.services, id, { [SAVE_RESULT]: kind })
}

async function requireSchedule(id: string): Promise<Schedule> {
  const schedule = await readSchedule(home.database, id)
  if (schedule === null) throw new Error('it was removed')
  return schedule
}

const queueDue = (nowMs = home.database.nowMs()) =>
  new ScheduleQueue(home.services, SCHEDULED_KINDS, new AbortController().signal).queueDue(nowMs)

async function rowsOf(table: string): Promise<string[]> {
  const rows = await readTableRows(await lake.load(table))
  return rows.map((row) => String((JSON.parse(row) as unknown[])[0])).toSorted()
}

it('Each run adds what was appended since the last one that succeeded, and nothing twice', async () => {
  const [source, target] = [await createTable('n\n1\n2\n'), await createTable()]
  const sql = `SELECT n FROM ${lake.namespace}.${source}`
  const schedule = await repeat(target, sql, { incremental: incrementalOf(source) })
  expect(await runNow(schedule)).toMatchObject({ state: 'succeeded', title: 'Silver', outcome: { rowsCommitted: 2 } })
  await append(source, '3\n')
  // A run that fails moves no position.
  expect(await runNow(schedule, editor, 1)).toMatchObject({ state: 'failed', error: { code: 'too-large' } })
  await append(source, '4\n')
  expect(await runNow(schedule)).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 2 } })
  expect(await rowsOf(target)).toEqual(['1', '2', '3', '4'])
  const { snapshots } = (await lake.load(target)).metadata
  const idle = await runNow(schedule)
  expect(idle).toMatchObject({ state: 'succeeded', outcome: { snapshotId: null, rowsRead: 0 } })
  expect((await lake.load(target)).metadata.snapshots).toHaveLength(snapshots.length)
  expect(JSON.stringify((await requireSchedule(schedule)).state)).not.toContain(source)
})

it('A failed run that is retried reads on from the last one that succeeded', async () => {
  const [source, target] = [await createTable('n\n1\n'), await createTable()]
  const sql = `SELECT n FROM ${lake.namespace}.${source}`
  const schedule = await repeat(target, sql, { incremental: incrementalOf(source) })
  const failed = await runNow(schedule, editor, 1)
  expect(await runNow(schedule)).toMatchObject({ outcome: { rowsCommitted: 1 } })
  await append(source, '2\n')
  const { body } = await lake.send(editor, 'retryRun', { run: failed.id })
  expect(await execute((body['run'] as { id: string }).id)).toMatchObject({ outcome: { rowsCommitted: 1 } })
  expect(await runNow(schedule)).toMatchObject({ outcome: { rowsRead: 0 } })
  expect(await rowsOf(target)).toEqual(['1', '2'])
})

it('After a run of unknown outcome whose rows are in the table, no run adds them again', async () => {
  const [source, target] = [await createTable('n\n1\n'), await createTable()]
  const sql = `SELECT n FROM ${lake.namespace}.${source}`
  const schedule = await repeat(target, sql, { incremental: incrementalOf(source) })
  const { state } = await requireSchedule(schedule)
  const { id } = await runNow(schedule)
  const error = JSON.stringify({ code: 'commit-state-unknown', detail: 'It is unknown.', facts: {} })
  await home.database.commit([
    rawChange("UPDATE runs SET state = 'failed', outcome = NULL, error = ? WHERE id = ?", [error, id]),
    rawChange('UPDATE schedules SET state = ? WHERE id = ?', [state && JSON.stringify(state), schedule]),
  ])
  await queueDue()
  const paused = await requireSchedule(schedule)
  expect(paused).toMatchObject({ isEnabled: false, pausedBecause: 'It is unknown.' })
  const resumed = await lake.send(editor, 'setSchedule', { schedule, isEnabled: true })
  expect(resumed.body).toMatchObject({ detail: expect.stringContaining('the table has its rows') })
  const { version } = paused
  expect(await lake.send(editor, 'restartSavedResult', { schedule, version, from: 'now' })).toMatchObject({
    status: 200,
  })
  await append(source, '2\n')
  await runNow(schedule)
  expect(await rowsOf(target)).toEqual(['1', '2'])
})

it('The statement has the times of its run, and of the last one that succeeded', async () => {
  const target = await createTable()
  const names = ['previous_slot_time', 'slot_time', 'run_time']
  const sql = names.map((name) => `SELECT epoch_ms($${name}) AS n`).join(' UNION ALL ')
  const parameters = [{ name: 'slot_time', type: 'text', isList: false, text: 'the one of the user' }]
  const query = { sql, cursor: 0, connection: lake.wire.catalog, parameters }
  const schedule = await repeat(target, sql, { query, startsBy: 'times', cron: '0 2 * * *' })
  const runDue = async () => {
    const { nextAtMs } = await requireSchedule(schedule)
    await queueDue(nextAtMs ?? 0)
    const { id } = await execute((await requireSchedule(schedule)).lastRunId ?? '')
    return [nextAtMs, (await readRun(home.database, id))?.startedAtMs]
  }
  const [firstSlot, firstRun] = await runDue()
  expect(await rowsOf(target)).toEqual([0, firstSlot, firstRun].map(String).toSorted())
  const [secondSlot, secondRun] = await runDue()
  const rows = [0, firstSlot, firstRun, firstSlot, secondSlot, secondRun]
  expect(await rowsOf(target)).toEqual(rows.map(String).toSorted())
})

it('It stops when rows were deleted, pauses, and starts again as its owner chooses', async () => {
  const [source, target] = [await createTable('n\n1\n2\n'), await createTable()]
  const sql = `SELECT n FROM ${lake.namespace}.${source}`
  const schedule = await repeat(target, sql, { incremental: incrementalOf(source) })
  await runNow(schedule)
  const { metadata, ...table } = await lake.load(source)
  const [file] = await readLiveFiles(
    home.services.manifestCache,
    { ...table, metadata },
    currentSnapshot(metadata),
    table,
  )
  if (!file) throw new Error('the table has no file')
  await deleteRows(home.services, lake.table(source), file, [0])
  await append(source, '3\n')
  const run = await runNow(schedule)
  expect(run).toMatchObject({ state: 'failed', error: { code: 'version-conflict' } })
  expect(run.error?.detail).not.toContain(source)
  await queueDue()
  const paused = await requireSchedule(schedule)
  expect(paused).toMatchObject({ isEnabled: false, pausedBecause: run.error?.detail })
  expect(await lake.send(editor, 'runSchedule', { schedule })).toMatchObject({ status: 400 })
  const { version } = paused
  const other = await lake.signIn('editor')
  expect(await lake.send(other, 'restartSavedResult', { schedule, version, from: 'now' })).toMatchObject({
    status: 403,
  })
  const restarted = await lake.send(editor, 'restartSavedResult', { schedule, version, from: 'now' })
  expect(restarted).toMatchObject({ status: 200, body: { schedule: { isEnabled: true, pausedBecause: null } } })
  await append(source, '4\n')
  await runNow(schedule)
  expect(await rowsOf(target)).toEqual(['1', '2', '4'])
  const now = await requireSchedule(schedule)
  await lake.send(editor, 'restartSavedResult', { schedule, version: now.version, from: 'beginning' })
  await runNow(schedule)
  expect(await rowsOf(target)).toEqual(['1', '2', '2', '3', '4', '4'])
})

it('It pauses when its owner may no longer read a table of the statement, without naming the table', async () => {
  const [source, target] = [await createTable('n\n1\n'), await createTable()]
  const user = await lake.signIn(null)
  for (const [grantId, role, table] of [
    ['reads', 'viewer', source],
    ['writes', 'editor', target],
  ] as const) {
    const holder = { kind: 'user', id: user.userId } as const
    await home.database.commit(
      putGrantChanges({ grantId, holder, role, resource: lake.table(table), createdBy: 'a test' }),
    )
  }
  const sql = `SELECT n FROM ${lake.namespace}.${source}`
  const schedule = await repeat(target, sql, { startsBy: 'times', cron: '0 2 * * *' }, user)
  expect(await runNow(schedule, user)).toMatchObject({ state: 'succeeded' })
  await home.database.commit([deleteGrantChange('reads')])
  await queueDue((await requireSchedule(schedule)).nextAtMs ?? 0)
  const { pausedBecause } = await requireSchedule(schedule)
  expect(pausedBecause).toContain('may no longer read a table of its statement')
  expect(pausedBecause).not.toContain(source)
})

it('The first run creates the table of a new one, and later ones write to it', async () => {
  const target = `t${(count += 1)}`
  const field = { id: 1, name: 'n', required: false, type: 'long' }
  const create = { schema: JSON.stringify({ type: 'struct', fields: [field] }), partitionBy: null, formatVersion: 2 }
  const schedule = await repeat(target, 'SELECT 7::BIGINT AS n', { create })
  expect(await runNow(schedule)).toMatchObject({ state: 'succeeded' })
  expect(await runNow(schedule)).toMatchObject({ state: 'succeeded' })
  expect(await rowsOf(target)).toEqual(['7', '7'])
})

test.each([
  ['replaces all rows', { landing: { operation: 'replace-table', branch: null } }, {}, 'cannot replace all rows'],
  ['appends late rows', {}, { lateness: { column: 'n', seconds: 60 } }, 'appending would add them twice'],
  ['appends all rows', {}, { onOtherChanges: 'read-all' }, 'appending would add them twice'],
  [
    'has late rows by a number',
    { landing: { operation: 'upsert', branch: null } },
    { lateness: { column: 'n', seconds: 60 } },
    'neither a date nor a timestamp',
  ],
])('A saved result of appended rows that %s is refused', async (_what, more, choice, detail) => {
  const [source, target] = [await createTable('n\n1\n'), await createTable()]
  const request = { ...more, confirmedName: `${lake.namespace}.${target}`, incremental: incrementalOf(source, choice) }
  expect(await send(target, `SELECT n FROM ${lake.namespace}.${source}`, request)).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining(detail) },
  })
})

it('A request with the same key saves it once', async () => {
  const target = await createTable()
  const more = { idempotencyKey: 'k'.repeat(20) }
  const id = await repeat(target, 'SELECT 1::BIGINT AS n', more)
  expect(await repeat(target, 'SELECT 1::BIGINT AS n', more)).toBe(id)
  expect(await readRun(home.database, id)).toBeNull()
})
