import { expect, it, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { queueRun } from '@/server/db/jobs/runs'
import { parseIngestOutcome } from '@/server/ingest/run/ingest-outcome'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { INGEST } from '@/server/ingest/run/ingest-spec'
import { findRejectedRecords } from '@/server/ingest/run/rejects/rejected-records-file'
import { stageInput } from '@/server/ingest/stage/stage-input'
import { findUpload } from '@/server/uploads/find-upload'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { VerbLake } from '@/testing/conformance/verbs/verb-lake'
import { createTestHome, type SignedInUser } from '@/testing/homes/test-home'
import { LandingTable } from '@/testing/ingest/landing-table'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { STAGE_HERE } from '@/testing/ingest/stage-here'
import { uploadText } from '@/testing/uploads/complete-upload'

const home = createTestHome({}, STAGE_HERE)

async function openLake() {
  const lake = await VerbLake.open(home)
  await lake.createTable()
  return { lake, table: lake.table(), on: { ...lake.wire, table: 't' }, editor: await lake.signIn('editor') }
}

const upload = (user: SignedInUser, target: TableIdentifier, fileName: string, text: string) =>
  uploadText(home.services, user, { target, fileName, text })

/** Carries out the run of a load in this process. */
function carryOut(runId: string) {
  return runQueuedRun(home.services, runId, {
    [INGEST]: ingestRuns(home.services, (request, { onProgress }) => stageInput(request, onProgress)),
  })
}

const toInputs = (...uploads: readonly { uploadId: string }[]) => uploads.map(({ uploadId }) => ({ uploadId }))

const runOf = (body: Readonly<Record<string, unknown>>) => body['run'] as { id: string; title: string }

test('Several uploads become one snapshot, and their rejects one list', async () => {
  const { lake, table, on, editor } = await openLake()
  const first = await upload(editor, table, 'a.csv', 'id\n1\nx\n')
  const second = await upload(editor, table, 'b.csv', 'id\n9223372036854775807\n2.5\n')
  const inputs = toInputs(first, second)
  const { run } = (await lake.get(editor, 'startLoad', { ...on, inputs, format: 'csv', maxRejectedRows: 2 })) as {
    run: { id: string; title: string }
  }
  expect(run.title).toBe('Load a.csv and 1 other file')
  const ended = await carryOut(run.id)
  expect(ended).toMatchObject({
    state: 'succeeded',
    lane: 'small',
    outcome: { rowsRead: 4, rowsCommitted: 2, rowsRejected: 2 },
  })
  const { metadata } = await (await openTestCatalog(home.services)).loadTable(table)
  expect(metadata.snapshots).toHaveLength(1)
  expect(metadata.snapshots[0]?.summary).toMatchObject({ 'added-records': '2', 'lakeshore.input-bytes': '34' })
  expect(await lake.get(editor, 'listRejects', { run: run.id })).toMatchObject({
    rejects: [
      { file: 'a.csv', line: 3, column: 'id', value: 'x' },
      { file: 'b.csv', line: 3, column: 'id', value: '2.5' },
    ],
    totalCount: 2,
    countsByColumn: [{ column: 'id', count: 2 }],
    anyColumnCount: 2,
    countsByReason: [{ reason: 'is not a whole number such as 1204', count: 2 }],
    anyReasonCount: 2,
    nextOffset: null,
  })
  const ofColumn = async (filter: object) =>
    (await lake.get(editor, 'listRejects', { run: run.id, ...filter }))['rejects'] as object[]
  expect(await ofColumn({ column: 'id' })).toHaveLength(2)
  expect(await ofColumn({ column: 'name' })).toEqual([])
  expect(await ofColumn({ wholeRows: 'true' })).toEqual([])
  expect(await ofColumn({ reason: 'is not a whole number such as 1204' })).toHaveLength(2)
  expect(await ofColumn({ reason: 'is not a date' })).toEqual([])
  expect(ended.progress?.counters).toMatchObject({ rowsRead: 4, rowsRejected: 2, filesWritten: 1 })
  const { plainBytesWritten, storedBytesWritten } = ended.progress?.counters ?? {}
  expect(ended.outcome).toMatchObject({ plainBytes: plainBytesWritten, storedBytes: storedBytesWritten })
  expect(plainBytesWritten).toBeGreaterThan(0)
  expect(await lake.send(await lake.signIn('viewer'), 'listRejects', { run: run.id })).toMatchObject({ status: 403 })
  // After the load its uploads are gone.
  await expect(findUpload(home.database, first.uploadId, editor)).rejects.toMatchObject({ code: 'not-found' })
})

/** Names that files have; the last one is as long as it may be, nearly all of it behind its first dot, and comes twice. */
const ODD_NAMES = [
  'a b.csv',
  '100%25+#?&=.csv',
  '[a]*{1,2}.csv',
  'größe 💾.csv',
  'قائمة\u200f.csv',
  '..a...',
  `1.${'長'.repeat(253)}`,
  `1.${'長'.repeat(253)}`,
]

test('Files of any name are previewed, sampled and loaded, and their rows and rejects say which file they are from', async () => {
  const { lake, editor } = await openLake()
  const table = await LandingTable.create(home.services, {
    fields: [
      { id: 1, name: 'id', required: false, type: 'int' },
      { id: 2, name: 'source', required: false, type: 'string' },
    ],
  })
  const { catalog, namespace, table: name } = table.identifier
  const on = { catalog, namespace: joinNamespace(namespace), table: name }
  const uploads = []
  for (const [i, fileName] of ODD_NAMES.entries())
    uploads.push(await upload(editor, table.identifier, fileName, `id\n${i}\nx${i}\n`))
  const mapping = { columns: { source: { fact: 'file-name' } }, ignoredFields: [] }
  const options = { format: 'csv', mapping }
  for (const { uploadId, fileName } of uploads) {
    const one = { ...on, input: { uploadId }, ...options }
    const preview = await lake.get(editor, 'previewLoad', one)
    expect(preview).toMatchObject({ rows: [{ values: [expect.any(String), fileName] }], rowsRejected: 1 })
    expect(await lake.get(editor, 'sampleLoad', one)).toMatchObject({ from: 'whole', rowsRead: 2, rowsRejected: 1 })
  }
  const inputs = toInputs(...uploads)
  const run = runOf(await lake.get(editor, 'startLoad', { ...on, inputs, ...options, maxRejectedRows: inputs.length }))
  expect(run.title).toBe('Load a b.csv and 7 other files')
  const ended = await carryOut(run.id)
  expect(ended).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 8, rowsRejected: 8 } })
  const { rejects } = await lake.get(editor, 'listRejects', { run: run.id })
  expect((rejects as { file: string }[]).map(({ file }) => file)).toEqual(ODD_NAMES)
  expect(new Set((await table.rows()).map(([, source]) => source))).toEqual(new Set(ODD_NAMES))
})

test('The rejected records of all files are saved as they came, and a load of them says which run it corrects', async () => {
  const { lake, table, on, editor } = await openLake()
  const csv = { ...CSV_DEFAULTS, skippedLines: 1, encoding: 'windows-1252' as const }
  const uploads = [
    await upload(editor, table, 'a.csv', 'made today\nid\n1\nx§\n'),
    await upload(editor, table, 'b.csv', 'made later\nid\nsix'),
    // A file with another header cannot be corrected with the others.
    await upload(editor, table, 'c.csv', '\n"id"\nseven\n'),
  ]
  const inputs = toInputs(...uploads)
  const landing = { operation: 'append', branch: 'audit' }
  const request = { ...on, inputs, format: 'csv', csv, landing, maxRejectedRows: 3 }
  const runId = runOf(await lake.get(editor, 'startLoad', request)).id
  const ended = await carryOut(runId)
  expect(ended).toMatchObject({
    state: 'succeeded',
    outcome: { rowsRejected: 3, recordsSaved: 2, correctsRunId: null },
  })
  expect(await lake.get(editor, 'getLoad', { run: runId })).toEqual({
    table: on,
    files: uploads.map(({ uploadId }, i) => ({ input: { uploadId }, name: `${'abc'.charAt(i)}.csv` })),
    format: 'csv',
    csv,
    mapping: { columns: {}, ignoredFields: [] },
    ignoreExtra: false,
    allowNullColumns: false,
    allowAmbiguousNumbers: false,
    loadAgain: false,
    repeatedFile: null,
    question: null,
    maxRejectedRows: 3,
    landing,
    recordsSaved: 2,
    correctsRunId: null,
    corrections: [],
  })
  const records = await findRejectedRecords(home.services, ended, new AbortController().signal)
  const bytes = await new Response(await records.open({ start: 0, end: records.sizeBytes })).arrayBuffer()
  expect(new TextDecoder().decode(bytes)).toBe('\nid\nx§\nsix\n')

  const viewer = await lake.signIn('viewer')
  expect(await lake.send(viewer, 'getLoad', { run: runId })).toMatchObject({ status: 403 })

  const corrected = await upload(editor, table, 'corrected.csv', 'id\n5\n6\n')
  const again = { ...on, inputs: toInputs(corrected), format: 'csv', correctsRun: runId }
  const correctionsOf = async () => (await lake.get(editor, 'getLoad', { run: runId }))['corrections']
  // A correction that fails has loaded nothing.
  const wrong = await upload(editor, table, 'wrong.csv', 'id\nx\n')
  const failedId = runOf(
    await lake.get(editor, 'startLoad', { ...on, inputs: toInputs(wrong), format: 'csv', correctsRun: runId }),
  ).id
  expect(await correctionsOf()).toEqual([
    {
      runId: failedId,
      correctsRunId: runId,
      state: 'queued',
      rowsCommitted: null,
      isUndone: false,
      finishedAtMs: null,
    },
  ])
  expect(await carryOut(failedId)).toMatchObject({ state: 'failed' })
  expect(await correctionsOf()).toEqual([])
  const childId = runOf(await lake.get(editor, 'startLoad', again)).id
  expect(await carryOut(childId)).toMatchObject({
    state: 'succeeded',
    outcome: { rowsCommitted: 2, recordsSaved: 0, correctsRunId: runId },
  })
  expect(await lake.get(editor, 'getLoad', { run: childId })).toMatchObject({ correctsRunId: runId, corrections: [] })
  const child = { runId: childId, correctsRunId: runId, state: 'succeeded', isUndone: false }
  expect(await correctionsOf()).toEqual([{ ...child, rowsCommitted: 2, finishedAtMs: expect.any(Number) }])
  const { metadata } = await (await openTestCatalog(home.services)).loadTable(table)
  expect(metadata.snapshots.at(-1)?.summary).toMatchObject({ 'lakeshore.corrects-run-id': runId })
})

test('A correction that failed is continued as one of the same load, and one that was rolled back counts as undone', async () => {
  const { lake, table, on, editor } = await openLake()
  const load = async (inputs: readonly { uploadId: string }[], fields: object) => {
    const { id } = runOf(await lake.get(editor, 'startLoad', { ...on, inputs, format: 'csv', ...fields }))
    return carryOut(id)
  }
  const loadText = async (text: string, fields: object) =>
    load(toInputs(await upload(editor, table, 'a.csv', text)), fields)
  const parent = await loadText('id\n1\nx\ny\n', { maxRejectedRows: 2 })
  const correctionsOf = async () => (await lake.get(editor, 'getLoad', { run: parent.id }))['corrections']
  const failed = await loadText('id\n5\ny\n', { correctsRun: parent.id })
  expect(failed.state).toBe('failed')

  const request = await lake.get(editor, 'getLoad', { run: failed.id })
  expect(request).toMatchObject({ correctsRunId: parent.id })
  const inputs = (request['files'] as { input: { uploadId: string } }[]).map(({ input }) => input)
  const continued = await load(inputs, { correctsRun: request['correctsRunId'], maxRejectedRows: 1 })
  const undone = { runId: continued.id, state: 'succeeded', rowsCommitted: 1, finishedAtMs: expect.any(Number) }
  expect(await correctionsOf()).toEqual([{ ...undone, correctsRunId: parent.id, isUndone: false }])
  // It rejected a row, which another load corrects.
  const later = await loadText('id\n7\n', { correctsRun: continued.id })
  expect(await correctionsOf()).toMatchObject([
    { runId: later.id, correctsRunId: continued.id, rowsCommitted: 1 },
    { runId: continued.id, correctsRunId: parent.id, rowsCommitted: 1 },
  ])

  const catalog = await openTestCatalog(home.services)
  const snapshotId = parseIngestOutcome(parent.outcome ?? {}).snapshotId ?? ''
  await catalog.write({
    kind: 'commit-table',
    table,
    change: {
      requirements: [],
      updates: [{ action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId }],
    },
  })
  const again = await loadText('id\n6\n', { correctsRun: parent.id })
  expect(await correctionsOf()).toMatchObject([
    { runId: again.id, isUndone: false },
    { runId: later.id, isUndone: true },
    { runId: continued.id, isUndone: true },
  ])
  await catalog.write({ kind: 'drop-table', table, purge: false })
  expect(await correctionsOf()).toMatchObject([{ isUndone: true }, { isUndone: true }, { isUndone: true }])
})

test('No load corrects a run of another table, one that loaded nothing, or what is not a load', async () => {
  const { lake, table, on, editor } = await openLake()
  await lake.createTable('other')
  const start = async (target: typeof on, text: string, fields: object) => {
    const { uploadId } = await upload(editor, { ...table, table: target.table }, 'a.csv', text)
    return lake.send(editor, 'startLoad', { ...target, inputs: [{ uploadId }], format: 'csv', ...fields })
  }
  const failed = runOf((await start(on, 'id\nx\n', {})).body).id
  await carryOut(failed)
  const ofOther = runOf((await start({ ...on, table: 'other' }, 'id\n1\n', {})).body).id
  await carryOut(ofOther)
  const noLoad = await queueRun(home.database, { kind: 'test', title: '', spec: {}, actor: COMMAND_LINE, table })
  const refusals: [string, number, string][] = [
    [failed, 400, 'has not loaded anything'],
    [ofOther, 400, 'and not this table'],
    [noLoad, 404, 'is not a load'],
    ['01M8G1FADBNX4F0M0N3TEG2XHF', 404, 'There is no run'],
  ]
  for (const [correctsRun, status, detail] of refusals)
    expect(await start(on, 'id\n1\n', { correctsRun })).toMatchObject({
      status,
      body: { detail: expect.stringContaining(detail) },
    })
})

test('A load whose files have more bad rows than allowed together changes nothing, and its uploads stay for another try', async () => {
  const { lake, table, on, editor } = await openLake()
  const first = await upload(editor, table, 'a.csv', 'id\nx\n')
  const second = await upload(editor, table, 'b.csv', 'id\ny\n')
  const inputs = toInputs(first, second)
  const body = await lake.get(editor, 'startLoad', { ...on, inputs, format: 'csv', maxRejectedRows: 1 })
  const ended = await carryOut(runOf(body).id)
  expect(ended).toMatchObject({ state: 'failed', error: { code: 'rows-rejected', facts: { file: 'b.csv' } } })
  expect((await (await openTestCatalog(home.services)).loadTable(table)).metadata.snapshots).toEqual([])
  expect(await lake.get(editor, 'listRejects', { run: runOf(body).id })).toMatchObject({ totalCount: 2 })
  expect(await findUpload(home.database, first.uploadId, editor)).toMatchObject({ fileName: 'a.csv' })
})

test('A load stops when the share of rejected rows is larger than allowed, and any number within the share may be', async () => {
  const { lake, table, on, editor } = await openLake()
  const load = async (maxRejectedShare: number) => {
    const { uploadId } = await upload(editor, table, 'a.csv', 'id\n1\nx\ny\n2\n')
    const confirmed = { maxRejectedShare, loadAgain: true }
    return lake.send(editor, 'startLoad', { ...on, inputs: [{ uploadId }], format: 'csv', ...confirmed })
  }
  const [within, beyond] = [await load(0.5), await load(0.49)]
  expect(await carryOut(runOf(within.body).id)).toMatchObject({ state: 'succeeded', outcome: { rowsRejected: 2 } })
  expect(await carryOut(runOf(beyond.body).id)).toMatchObject({ state: 'failed', error: { code: 'rows-rejected' } })
  expect(await lake.get(editor, 'getLoad', { run: runOf(beyond.body).id })).toMatchObject({ maxRejectedShare: 0.49 })
  expect(await load(1.01)).toMatchObject({ status: 400 })
})

test('The same request is carried out once, also after its uploads are gone', async () => {
  const { lake, table, on, editor } = await openLake()
  const { uploadId } = await upload(editor, table, 'a.csv', 'id\n1\n')
  const request = { ...on, inputs: [{ uploadId }], format: 'csv', idempotencyKey: 'a'.repeat(32) }
  const first = await lake.get(editor, 'startLoad', request)
  await carryOut(runOf(first).id)
  const again = await lake.get(editor, 'startLoad', request)
  expect(runOf(again).id).toBe(runOf(first).id)
})

it.each<[string, (given: Awaited<ReturnType<typeof openLake>>) => Promise<string>, number, AppError['code']]>([
  [
    'of another user',
    async ({ lake, table }) => (await upload(await lake.signIn('editor'), table, 'a.csv', 'id\n')).uploadId,
    404,
    'not-found',
  ],
  ['that does not exist', async () => '01M8G1FADBNX4F0M0N3TEG2XHF', 404, 'not-found'],
  [
    'for another table',
    async ({ table, editor }) => (await upload(editor, { ...table, table: 'other' }, 'a.csv', 'id\n')).uploadId,
    400,
    'invalid-request',
  ],
])('No run loads an upload %s', async (_, prepare, status, code) => {
  const given = await openLake()
  const uploadId = await prepare(given)
  const { lake, on, editor } = given
  const reply = await lake.send(editor, 'startLoad', { ...on, inputs: [{ uploadId }], format: 'csv' })
  expect(reply).toMatchObject({ status, body: { code } })
})

test('Who may only read starts no load and reads no preview; where changes need two people, one user starts none', async () => {
  const { lake, table, on, editor } = await openLake()
  const { uploadId } = await upload(editor, table, 'a.csv', 'id\n1\n')
  const viewer = await lake.signIn('viewer')
  const request = { ...on, inputs: [{ uploadId }], format: 'csv' }
  expect(await lake.send(viewer, 'startLoad', request)).toMatchObject({ status: 403 })
  expect(await lake.send(viewer, 'previewLoad', { ...on, input: { uploadId }, format: 'csv' })).toMatchObject({
    status: 403,
  })
  await lake.demandTwoPeople()
  expect(await lake.send(editor, 'startLoad', request)).toMatchObject({
    status: 403,
    body: { detail: expect.stringContaining('Propose the load') },
  })
})

test('A preview reads the rules of the table, and says which property is none', async () => {
  const { lake, table, on, editor } = await openLake()
  const key = 'lakeshore.rule.x'
  const updates = [{ action: 'set-properties', updates: { [key]: '{"column":"code","notNull":true}' } }] as const
  await lake.catalog.write({ kind: 'commit-table', table, change: { requirements: [], updates } })
  const { uploadId } = await upload(editor, table, 'a.csv', 'id\n1\n')
  expect(await lake.send(editor, 'previewLoad', { ...on, input: { uploadId }, format: 'csv' })).toMatchObject({
    status: 400,
    body: {
      code: 'invalid-request',
      detail: expect.stringMatching(/^lakeshore[.]rule[.]x names the column code, which the table does not have/),
    },
  })
})

test('A load that replaces rows needs the typed name, and lands on the branch that it names', async () => {
  const { lake, table, on, editor } = await openLake()
  const load = async (text: string, fields: object) => {
    const { uploadId } = await upload(editor, table, 'a.csv', text)
    return lake.send(editor, 'startLoad', { ...on, inputs: [{ uploadId }], format: 'csv', ...fields })
  }
  const first = await load('id\n1\n', {})
  await carryOut(runOf(first.body).id)
  const landing = { operation: 'replace-table', branch: 'audit' }
  expect(await load('id\n2\n3\n', { landing })).toMatchObject({ status: 400, body: { code: 'invalid-request' } })
  const replaced = await load('id\n2\n3\n', { landing, confirmedName: `${lake.namespace}.t` })
  expect(await carryOut(runOf(replaced.body).id)).toMatchObject({ state: 'succeeded' })
  const { metadata } = await (await openTestCatalog(home.services)).loadTable(table)
  const tipOf = (name: string) =>
    metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.refs[name]?.snapshotId)?.summary[
      'total-records'
    ]
  expect([tipOf('main'), tipOf('audit')]).toEqual(['1', '2'])
})
