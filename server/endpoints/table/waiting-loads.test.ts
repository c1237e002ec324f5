import { expect, test } from 'vitest'
import { disableUser } from '@/server/db/auth/users'
import { readRun } from '@/server/db/jobs/runs'
import { MAX_AWAITING_RUNS } from '@/server/db/uploads/awaiting-runs'
import { readUpload, type Upload } from '@/server/db/uploads/uploads'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { INGEST } from '@/server/ingest/run/ingest-spec'
import { checkWaits } from '@/server/ingest/run/waiting/wait-loop'
import { stageInput } from '@/server/ingest/stage/stage-input'
import { appendBytes } from '@/server/uploads/append-bytes'
import { PartMemory } from '@/server/uploads/part-memory'
import { removeUpload } from '@/server/uploads/remove-upload'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { VerbLake } from '@/testing/conformance/verbs/verb-lake'
import { rawChange } from '@/testing/databases/test-sql'
import { createServicesBeside, createTestHome, type SignedInUser } from '@/testing/homes/test-home'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { STAGE_HERE } from '@/testing/ingest/stage-here'
import { uploadText } from '@/testing/uploads/complete-upload'

const home = createTestHome({}, STAGE_HERE)

async function openLake() {
  const lake = await VerbLake.open(home)
  await lake.createTable()
  const editor = await lake.signIn('editor')
  const table = lake.table()
  const on = { ...lake.wire, table: 't' }
  /** Uploads a file of which the last characters are missing. */
  const begin = (fileName: string, text: string, missing: number, user: SignedInUser = editor) =>
    uploadText(home.services, user, {
      target: table,
      fileName,
      text,
      receivedText: text.slice(0, text.length - missing),
    })
  const start = (uploads: readonly Upload[], user = editor) =>
    lake.send(user, 'startLoad', { ...on, inputs: uploads.map(({ uploadId }) => ({ uploadId })), format: 'csv' })
  const startRun = async (uploads: readonly Upload[]) => {
    const { status, body } = await start(uploads)
    expect(status).toBe(200)
    return body['run'] as { id: string; state: string; awaitedUploads: number }
  }
  const detailOf = (id: string, user = editor) => lake.get(user, 'getRun', { run: id })
  const snapshotCount = async () =>
    (await (await openTestCatalog(home.services)).loadTable(table)).metadata.snapshots.length
  return { lake, editor, begin, start, startRun, detailOf, snapshotCount }
}

async function send(upload: Upload, text: string, services = home.services) {
  async function* body() {
    yield Buffer.from(text)
  }
  return appendBytes(services, upload, body(), {
    checksum: null,
    memory: new PartMemory(),
    requireWriter: async () => {},
  })
}

const carryOut = (runId: string) =>
  runQueuedRun(home.services, runId, {
    [INGEST]: ingestRuns(home.services, (request, { onProgress }) => stageInput(request, onProgress)),
  })
const expire = ({ uploadId }: Upload) =>
  home.database.commit([rawChange('UPDATE uploads SET expires_at_ms = 1 WHERE id = ?', [uploadId])])
const readOwn = ({ uploadId, userId }: Upload) => readUpload(home.database, { uploadId, userId })

test('A load that was started early waits for its bytes, also over a restart and in another process, and loads them all', async () => {
  const { begin, startRun, detailOf, editor, lake, snapshotCount } = await openLake()
  const whole = await begin('a.csv', 'id\n1\n', 0)
  const partial = await begin('b.csv', 'id\n2\n3\n', 4)
  const run = await startRun([whole, partial])
  expect(run).toMatchObject({ state: 'queued', awaitedUploads: 2 })
  expect(await detailOf(run.id)).toMatchObject({
    queue: null,
    wait: {
      fileCount: 2,
      incompleteCount: 1,
      sizeBytes: 12,
      receivedBytes: 8,
      isOwn: true,
      files: [{ uploadId: partial.uploadId, fileName: 'b.csv', sizeBytes: 7, receivedBytes: 3 }],
    },
  })
  expect(await detailOf(run.id, await lake.signIn('viewer'))).toMatchObject({ wait: { isOwn: false, files: [] } })
  expect((await lake.get(editor, 'listUploads', {}))['uploads']).toMatchObject([{ runId: run.id }, { runId: run.id }])
  expect(await readRun(home.database, run.id)).toMatchObject({ lane: 'small' })
  await home.restart()
  await checkWaits(home.database)
  const other = createServicesBeside(home)
  await send(partial, '2\n3\n', other)
  await other.database.close()
  expect(await detailOf(run.id)).toMatchObject({ run: { awaitedUploads: 0 }, wait: null, queue: { aheadCount: 0 } })
  // Until the load has ended, nothing else loads them.
  expect((await lake.get(editor, 'listUploads', {}))['uploads']).toMatchObject([{ runId: run.id }, { runId: run.id }])
  expect(await carryOut(run.id)).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 3 } })
  expect([await readOwn(whole), await readOwn(partial), await snapshotCount()]).toEqual([null, null, 1])
})

test.each<[string, string, (upload: Upload) => Promise<unknown>]>([
  ['was removed', 'b.csv was removed before', (upload) => removeUpload(home.services, upload)],
  ['has expired', 'b.csv has expired or was removed', expire],
])(
  'A load fails when an upload that it waits for %s, and leaves nothing but its other uploads',
  async (_, said, end) => {
    const { begin, startRun, detailOf, snapshotCount, lake, editor } = await openLake()
    const whole = await begin('a.csv', 'id\n1\n', 0)
    const partial = await begin('b.csv', 'id\n2\n', 2)
    const { id } = await startRun([whole, partial])
    await end(partial)
    await checkWaits(home.database)
    const { run, wait, lines } = await detailOf(id)
    expect({ run, wait }).toMatchObject({
      run: {
        state: 'failed',
        awaitedUploads: 0,
        startedAtMs: null,
        error: { code: 'not-found', facts: { file: 'b.csv' } },
      },
      wait: null,
    })
    expect((run as { error: { detail: string } }).error.detail).toContain(said)
    expect(lines).toMatchObject([{ level: 'error', text: expect.stringContaining(said) }])
    expect([await readOwn(whole), await snapshotCount()]).toMatchObject([{ runId: null }, 0])
    // The request is the same, and its run says what is missing.
    const again = (await lake.get(editor, 'retryRun', { run: id }))['run'] as { id: string }
    expect(await carryOut(again.id)).toMatchObject({ state: 'failed', error: { code: 'not-found' } })
  },
)

test('A load that waits is cancelled at once, and waits again when it is retried', async () => {
  const { begin, startRun, lake, editor } = await openLake()
  const partial = await begin('b.csv', 'id\n2\n', 2)
  const { id } = await startRun([partial])
  expect(await lake.get(editor, 'cancelRun', { run: id })).toMatchObject({ run: { state: 'cancelled' } })
  const again = (await lake.get(editor, 'retryRun', { run: id }))['run'] as { id: string }
  expect(await readRun(home.database, again.id)).toMatchObject({ state: 'queued', awaitedUploads: 1 })
  expect(await lake.send(editor, 'retryRun', { run: id }), 'it is awaited').toMatchObject({ status: 409 })
  await send(partial, '2\n')
  expect(await carryOut(again.id)).toMatchObject({ state: 'succeeded' })
})

test('A load does not begin for a user who was disabled while it waited', async () => {
  const { begin, startRun, detailOf, editor, lake } = await openLake()
  const [early, late] = [await begin('a.csv', 'id\n2\n', 2), await begin('b.csv', 'id\n2\n', 2)]
  const [waiting, complete] = [await startRun([early]), await startRun([late])]
  await disableUser(home.database, editor.userId)
  // Its last part was on its way.
  await send(late, '2\n')
  await checkWaits(home.database)
  const admin = await lake.signIn('admin')
  expect(await detailOf(waiting.id, admin)).toMatchObject({ run: { state: 'failed', error: { code: 'forbidden' } } })
  expect(await carryOut(complete.id)).toMatchObject({ state: 'failed', error: { code: 'forbidden' } })
})

test('Files that are here do not expire while bytes of another file of the load come', async () => {
  const { begin, startRun } = await openLake()
  const whole = await begin('a.csv', 'id\n1\n', 0)
  const partial = await begin('b.csv', 'id\n2\n3\n', 4)
  await startRun([whole, partial])
  await home.database.commit([
    rawChange('UPDATE uploads SET expires_at_ms = ? WHERE run_id IS NOT NULL', [home.database.nowMs() + 600_000]),
  ])
  await send(partial, '2\n')
  await checkWaits(home.database)
  expect((await readOwn(whole))?.expiresAtMs).toBe((await readOwn(partial))?.expiresAtMs)
})

test('An upload belongs to one load that waits, and a user has a few of these', async () => {
  const { begin, start, startRun, lake, editor } = await openLake()
  const first = await begin('a.csv', 'id\n1\n', 2)
  const run = await startRun([first])
  expect(await start([first])).toMatchObject({ status: 400, body: { facts: { runId: run.id } } })
  for (let i = 1; i < MAX_AWAITING_RUNS; i += 1) await startRun([await begin(`${i}.csv`, 'id\n1\n', 2)])
  const last = await begin('last.csv', 'id\n1\n', 2)
  expect(await start([last])).toMatchObject({ status: 429, body: { facts: { waitingRuns: MAX_AWAITING_RUNS } } })
  await lake.get(editor, 'cancelRun', { run: run.id })
  await startRun([last])
  const other = await lake.signIn('editor')
  expect(await start([first], other), 'of another user').toMatchObject({ status: 404 })
})
