import { expect, test } from 'vitest'
import { parseIngestOutcome } from '@/server/ingest/run/ingest-outcome'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { INGEST } from '@/server/ingest/run/ingest-spec'
import { stageInput } from '@/server/ingest/stage/stage-input'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { VerbLake } from '@/testing/conformance/verbs/verb-lake'
import { createTestHome } from '@/testing/homes/test-home'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { uploadText } from '@/testing/uploads/complete-upload'

const home = createTestHome()

async function openLake() {
  const lake = await VerbLake.open(home)
  await lake.createTable()
  const [table, editor] = [lake.table(), await lake.signIn('editor')]
  const on = { ...lake.wire, table: 't' }
  const upload = (fileName: string, text: string) =>
    uploadText(home.services, editor, { target: table, fileName, text })
  const start = async (uploads: readonly { uploadId: string }[], more: object = {}) => {
    const inputs = uploads.map(({ uploadId }) => ({ uploadId }))
    const { run } = (await lake.get(editor, 'startLoad', { ...on, inputs, format: 'csv', ...more })) as {
      run: { id: string }
    }
    return runQueuedRun(home.services, run.id, {
      [INGEST]: ingestRuns(home.services, (request, { onProgress }) => stageInput(request, onProgress)),
    })
  }
  const findRepeats = async (uploads: readonly { uploadId: string }[]) =>
    (await lake.get(editor, 'findRepeatedInputs', { ...on, inputs: uploads.map(({ uploadId }) => ({ uploadId })) }))[
      'repeats'
    ]
  return { lake, table, on, editor, upload, start, findRepeats }
}

test('Bytes that were loaded name their run, before the load and when it starts, and are loaded again if that is meant', async () => {
  const { editor, table, upload, start, findRepeats, lake } = await openLake()
  const first = await start([await upload('may.csv', 'id\n1\n')])
  expect(first.state).toBe('succeeded')

  const again = await upload('may (1).csv', 'id\n1\n')
  const other = await upload('june.csv', 'id\n2\n')
  expect(await findRepeats([other, again])).toEqual([
    {
      position: 1,
      fileName: 'may (1).csv',
      same: 'as-loaded',
      load: {
        runId: first.id,
        fileName: 'may.csv',
        username: editor.username,
        finishedAtMs: first.finishedAtMs,
        rowCount: 1,
      },
      sameAs: null,
    },
  ])
  const refused = await start([other, again])
  expect(refused).toMatchObject({ state: 'failed', error: { code: 'invalid-request' } })
  expect(refused.error?.detail).toMatch(
    new RegExp(
      `The bytes of may \\(1\\)[.]csv were loaded before as may[.]csv: 1 row on .* UTC by ${editor.username}, run ${first.id}[.] Nothing was loaded[.] .*--load-again`,
    ),
  )
  expect(await lake.get(editor, 'getLoad', { run: refused.id })).toMatchObject({ repeatedFile: 'may (1).csv' })
  // A replacement ends as the first load did.
  const replaced = await start([await upload('may.csv', 'id\n1\n')], {
    landing: { operation: 'replace-table', branch: null },
    confirmedName: `${table.namespace.join('.')}.t`,
  })
  expect(replaced.error).toBeNull()
  expect(await start([other, again], { loadAgain: true })).toMatchObject({ outcome: { rowsCommitted: 2 } })
  const { metadata } = await (await openTestCatalog(home.services)).loadTable(table)
  expect(metadata.snapshots).toHaveLength(3)
})

test('A file that is twice in a load stops it, and one that was rolled back is new', async () => {
  const { table, upload, start, findRepeats } = await openLake()
  const base = await start([await upload('base.csv', 'id\n0\n')])
  const twice = [await upload('a.csv', 'id\n7\n'), await upload('b.csv', 'id\n7\n')] as const
  expect(await findRepeats(twice)).toMatchObject([{ position: 1, same: 'as-input', sameAs: 0 }])
  expect((await start(twice)).error?.detail).toContain('b.csv has the same bytes as a.csv, another file of this load.')
  expect((await start([twice[0]])).state).toBe('succeeded')
  const catalog = await openTestCatalog(home.services)
  const { snapshotId } = parseIngestOutcome(base.outcome ?? {})
  if (snapshotId === null) throw new Error('nothing was loaded')
  const rollback = { action: 'set-snapshot-ref', refName: 'main', snapshotId, type: 'branch' } as const
  await catalog.write({ kind: 'commit-table', table, change: { requirements: [], updates: [rollback] } })
  expect(await findRepeats([twice[1]])).toEqual([])
  expect((await start([twice[1]])).state).toBe('succeeded')
})
