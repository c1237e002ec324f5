import { rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, describe, expect, it, test } from 'vitest'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { INGEST } from '@/server/ingest/run/ingest-spec'
import { VerbLake } from '@/testing/conformance/verbs/verb-lake'
import { createTestHome } from '@/testing/homes/test-home'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { createTestLocations } from '@/testing/ingest/test-locations'
import { uploadText } from '@/testing/uploads/complete-upload'
import { STAGE_HERE } from '@/testing/ingest/stage-here'

const locations = await createTestLocations()
const home = createTestHome(locations.settings, STAGE_HERE)
afterEach(() => {
  locations.s3.faultFor = () => null
})
afterAll(() => locations.remove())

async function openLake() {
  const lake = await VerbLake.open(home)
  await lake.createTable()
  const [on, editor] = [{ ...lake.wire, table: 't' }, await lake.signIn('editor')]
  const send = (inputs: readonly object[], fields: object = {}) =>
    lake.send(editor, 'startLoad', { ...on, inputs, format: 'csv', ...fields })
  const start = async (inputs: readonly object[], fields: object = {}) => {
    const { status, body } = await send(inputs, fields)
    if (status !== 200) throw new Error(JSON.stringify(body))
    return body['run'] as { id: string; title: string }
  }
  const snapshots = async () => (await lake.load()).metadata.snapshots
  return { lake, on, editor, send, start, snapshots }
}

/** Carries out the run of a load in this process. */
function carryOut(runId: string) {
  return runQueuedRun(home.services, runId, {
    [INGEST]: ingestRuns(home.services, home.services.runStage),
  })
}

describe.each(['drop', 'landing'])('Files of %s', (location) => {
  it('are previewed: one of them, or the first that matches a pattern', async () => {
    const { lake, on, editor } = await openLake()
    locations.put(location, 'preview/b.csv', 'id\n1\nx\n')
    locations.put(location, 'preview/a.csv', 'id\n9223372036854775807\n')
    const preview = (input: object) => lake.send(editor, 'previewLoad', { ...on, input, format: 'csv' })
    expect(await preview({ location, path: 'preview/b.csv' })).toMatchObject({
      status: 200,
      body: { rows: [{ line: 2, values: ['1'] }], rowsRead: 2, rowsRejected: 1 },
    })
    expect(await preview({ location, match: 'preview/*.csv' })).toMatchObject({
      status: 200,
      body: { rows: [{ line: 2, values: ['9223372036854775807'] }], rowsRead: 1 },
    })
    const row = `1,${'-'.repeat(997)}\n`
    locations.put(location, 'preview/c.csv', `id,line\n${row.repeat(5_000)}x,\n`)
    const sampled = { input: { location, path: 'preview/c.csv' }, mapping: { columns: {}, ignoredFields: ['line'] } }
    expect(await lake.send(editor, 'sampleLoad', { ...on, ...sampled, format: 'csv' })).toMatchObject({
      status: 200,
      body: {
        from: 'spread',
        rowsRejected: 1,
        // An estimate of 5,002.
        rejects: [{ line: expect.closeTo(5_002, -1), column: 'id', value: 'x' }],
        partitionCount: 1,
      },
    })
    expect(await preview({ location, match: 'preview/*.json' })).toMatchObject({
      status: 422,
      body: { code: 'file-missing', detail: `No file in ${location} matches preview/*.json. Nothing was loaded.` },
    })
  })

  it('are loaded with uploads as one snapshot, those of a pattern as they are when the run starts, and stay', async () => {
    const { lake, on, editor, start, snapshots } = await openLake()
    const { uploadId } = await uploadText(home.services, editor, {
      target: lake.table(),
      fileName: 'up.csv',
      text: 'id\n1\n',
    })
    locations.put(location, 'in/one.csv', 'id\n2\n')
    const inputs = [{ location, path: 'in/one.csv' }, { uploadId }, { location, match: 'in/day=*/**.csv' }]
    const run = await start(inputs)
    expect(run.title).toBe(`Load ${location}/in/one.csv and 2 other files`)
    locations.put(location, 'in/day=1/a.csv', 'id\n3\n')
    locations.put(location, 'in/day=2/deep/b.csv', 'id\n4\nx\n')
    locations.put(location, 'in/day=2/c.txt', 'no')
    expect(await carryOut(run.id)).toMatchObject({ state: 'failed', error: { code: 'rows-rejected' } })
    const again = await start(inputs, { maxRejectedRows: 1 })
    expect(await carryOut(again.id)).toMatchObject({ state: 'succeeded', outcome: { rowsRead: 5, rowsCommitted: 4 } })
    expect(await snapshots()).toMatchObject([
      { summary: { 'added-records': '4', 'lakeshore.input-name': `${location}/in/one.csv and 2 other files` } },
    ])
    expect(await lake.get(editor, 'getLoad', { run: again.id })).toMatchObject({
      files: [
        { name: `${location}/in/one.csv`, input: inputs[0] },
        { name: 'up.csv', input: inputs[1] },
        { name: `${location}/in/day=*/**.csv`, input: inputs[2] },
      ],
    })
    expect(await lake.get(editor, 'listRejects', { run: again.id })).toMatchObject({
      rejects: [{ file: 'b.csv', line: 3 }],
    })
    expect(await lake.get(editor, 'findLocationFiles', { ...on, location, match: 'in/**' })).toMatchObject({
      fileCount: 4,
    })
    const [entry] = (await lake.rows('audit')).filter((row) => JSON.stringify(row).includes(again.id))
    expect(JSON.stringify(entry)).toContain(`Load ${location}/in/one.csv`)
  })

  it('that are missing, too many or given twice stop the run, which changes nothing', async () => {
    const { start, snapshots } = await openLake()
    for (let i = 0; i < 1_001; i += 1) locations.put(location, `many/${i}.csv`, 'id\n')
    const failures: [readonly object[], string, string][] = [
      [[{ location, path: 'many/none.csv' }], 'file-missing', `There is no file ${location}/many/none.csv.`],
      [[{ location, match: 'none/*' }], 'file-missing', `No file in ${location} matches none/*.`],
      [
        [{ location, match: 'many/*' }],
        'invalid-request',
        `${location}/many/* matches 1,001 files, and a load has at most 1,000.`,
      ],
      [
        [
          { location, match: 'many/?.csv' },
          { location, path: 'many/7.csv' },
        ],
        'invalid-request',
        `${location}/many/7.csv is given twice.`,
      ],
    ]
    for (const [inputs, code, detail] of failures) {
      const { error } = await carryOut((await start(inputs)).id)
      expect(error).toMatchObject({ code, detail: expect.stringContaining(detail) })
    }
    expect(await snapshots()).toEqual([])
  })
})

test('A file that changes while it is read stops the run, although its size stays the same', async () => {
  const { start, snapshots } = await openLake()
  locations.put('landing', 'changing.csv', 'id\n1\n')
  locations.s3.faultFor = ({ method, path: requested }) => {
    if (method === 'GET' && requested.endsWith('changing.csv')) locations.put('landing', 'changing.csv', 'id\n2\n')
    return null
  }
  const { error } = await carryOut((await start([{ location: 'landing', path: 'changing.csv' }])).id)
  expect(error).toMatchObject({
    code: 'file-damaged',
    detail:
      'landing/changing.csv changed while it was read. Nothing was loaded. Load it again once no program writes it.',
  })
  expect(await snapshots()).toEqual([])
})

test('A file that vanished before its run fails it', async () => {
  const { start } = await openLake()
  locations.put('drop', 'vanishing.csv', 'id\n1\n')
  const run = await start([{ location: 'drop', path: 'vanishing.csv' }])
  rmSync(path.join(locations.folder, 'drop', 'vanishing.csv'))
  expect(await carryOut(run.id)).toMatchObject({ state: 'failed', error: { code: 'file-missing' } })
})

test('A run loads nothing from a location that the operator has removed since', async () => {
  const { start, snapshots } = await openLake()
  locations.put('drop', 'a.csv', 'id\n1\n')
  const run = await start([{ location: 'drop', path: 'a.csv' }])
  const { loadLocations } = home.config
  Object.assign(home.config, { loadLocations: [] })
  try {
    expect(await carryOut(run.id)).toMatchObject({ state: 'failed', error: { code: 'not-found' } })
  } finally {
    Object.assign(home.config, { loadLocations })
  }
  expect(await snapshots()).toEqual([])
})

it.each([
  [{ location: 'none', path: 'a.csv' }, 404, 'LAKESHORE_LOAD_LOCATIONS'],
  [{ location: 'drop', path: '../secret.csv' }, 403, 'leads out of the location'],
  [{ location: 'landing', path: 'a/..%2f..%2fb.csv' }, 403, 'leads out of the location'],
  [{ location: 'landing', match: '../*' }, 403, 'is not a pattern'],
  [{ location: 'drop', path: 'a.csv', match: '*' }, 400, ''],
  [{ location: 's3://bucket/in', path: 'a.csv' }, 400, ''],
])('No run starts with %j', async (input, status, detail) => {
  const { lake, on, editor, send } = await openLake()
  const before = await lake.rows('runs')
  const refused = { status, body: { detail: expect.stringContaining(detail) } }
  expect(await send([input])).toMatchObject(refused)
  expect(await lake.rows('runs')).toEqual(before)
  expect(await lake.send(editor, 'previewLoad', { ...on, input, format: 'csv' })).toMatchObject({ status })
})

test('Who may only read loads no file of a location; where changes need two people, no user alone does', async () => {
  const { lake, on, send } = await openLake()
  locations.put('drop', 'a.csv', 'id\n1\n')
  const input = { location: 'drop', path: 'a.csv' }
  const viewer = await lake.signIn('viewer')
  expect(await lake.send(viewer, 'startLoad', { ...on, inputs: [input], format: 'csv' })).toMatchObject({ status: 403 })
  expect(await lake.send(viewer, 'previewLoad', { ...on, input, format: 'csv' })).toMatchObject({ status: 403 })
  await lake.demandTwoPeople()
  expect(await send([input])).toMatchObject({
    status: 403,
    body: { detail: expect.stringContaining('Upload the files and propose the load') },
  })
})

test('A policy that was set after the run was queued holds a load from a location', async () => {
  const { lake, start, snapshots } = await openLake()
  locations.put('drop', 'a.csv', 'id\n1\n')
  const run = await start([{ location: 'drop', path: 'a.csv' }])
  await lake.demandTwoPeople()
  expect(await carryOut(run.id)).toMatchObject({
    state: 'failed',
    error: { code: 'forbidden', detail: expect.stringContaining('Upload the files') },
  })
  expect(await snapshots()).toEqual([])
})
