import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { makeTestHome } from '@/scripts/test-home'
import { openTestCatalog, strays, TEST_ACTOR } from '@/scripts/test-lake'
import { rawChange } from '@/scripts/test-sql'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { CatalogClient, ChangeOn } from '@/server/catalog/catalog-client'
import { config } from '@/server/config'
import { type Run, readRun } from '@/server/db/jobs'
import { openDatabase } from '@/server/db/open-database'
import { readLog } from '@/server/db/run-logs'
import { followRun } from '@/server/jobs/follow-run'
import { workLoop } from '@/server/jobs/worker-loop'
import { liveFiles } from '@/server/table/inspect'
import { ingestRuns } from './ingest-run'
import { INGEST, inputAt, queueIngest } from './ingest-spec'
import { stageInput } from './stage'

/** Another program's catalog, in so far as it is asked over a network: a commit may arrive after it was given up. */
const { remote } = vi.hoisted(() => ({ remote: { commit: null as CatalogClient['commitTable'] | null } }))
vi.mock('@/server/catalog/open-catalog', async (importOriginal) => {
  const actual = await importOriginal<typeof import('@/server/catalog/open-catalog')>()
  const openCatalog: typeof actual.openCatalog = async (...asked) => {
    const catalog = await actual.openCatalog(...asked)
    return { ...catalog, kind: 'rest', commitTable: remote.commit ?? catalog.commitTable }
  }
  return { ...actual, openCatalog }
})

makeTestHome()
vi.setConfig({ testTimeout: 30_000 })

const SCHEMA = JSON.stringify({
  type: 'struct',
  fields: [{ id: 1, name: 'id', required: true, type: 'long' }],
})
let tables = 0
let deliver: (() => Promise<unknown>) | null
let stop: AbortController
let loops: Promise<void>[]

beforeEach(() => {
  remote.commit = null
  deliver = null
  stop = new AbortController()
  loops = []
  tables += 1
})

/** Without the network between. */
async function realCatalog(): Promise<CatalogClient> {
  const { openCatalog } = await vi.importActual<typeof import('@/server/catalog/open-catalog')>(
    '@/server/catalog/open-catalog',
  )
  return openCatalog(config().catalogName, TEST_ACTOR)
}

const refOf = () => ({ catalog: config().catalogName, namespace: ['ns'], table: `t${tables}` })

/** Sent, and held up on its way; whoever sent it is given `answer`. */
function holdCommits(answer: () => Promise<never>): void {
  remote.commit = async (ref, change: ChangeOn) => {
    const catalog = await realCatalog()
    const made = typeof change === 'function' ? await change(await catalog.loadTable(ref)) : change
    deliver = () => catalog.commitTable(ref, made)
    return answer()
  }
}

async function ingest(during: (id: string) => Promise<void> = async () => {}): Promise<Run> {
  const file = path.join(config().homeDir, `input-${tables}.csv`)
  writeFileSync(file, 'id\n1\n2\n')
  const create = { schema: SCHEMA, partitionBy: null, properties: {} }
  const spec = { input: inputAt(file), format: 'csv' as const, ignoreExtra: false, maxRejectedRows: 0, create }
  const id = await queueIngest(refOf(), spec, COMMAND_LINE)
  startWorker()
  // Nobody waits here for the next look.
  const hurry = setInterval(() => void endLeases(), 20)
  await during(id)
  const run = await followRun(id, { signal: new AbortController().signal, onProgress: () => {} })
  clearInterval(hurry)
  stop.abort()
  await Promise.all(loops)
  return run
}

function startWorker(): void {
  const kinds = { [INGEST]: ingestRuns((request, { onProgress }) => stageInput(request, onProgress)) }
  loops.push(workLoop({ kinds, concurrency: 1, signal: stop.signal, pollMs: 5, renewMs: 20 }))
}

const endLeases = () =>
  openDatabase().commit([
    rawChange("UPDATE runs SET lease_until_ms = 0 WHERE state = 'running' AND lease_owner IS NULL"),
  ])

async function lateRows(): Promise<number> {
  await deliver?.()
  const table = await (await openTestCatalog()).loadTable(refOf())
  const [snapshot, ...more] = table.metadata.snapshots
  if (!snapshot || more.length > 0) throw new Error(`${more.length} further snapshots`)
  const { store } = table
  const files = await liveFiles(table, snapshot, { store, signal: AbortSignal.timeout(5_000) })
  for (const { dataFile } of files) expect(await store.sizeBytes(dataFile.filePath)).toBe(dataFile.fileSizeBytes)
  return files.reduce((sum, { dataFile }) => sum + dataFile.recordCount, 0)
}

it('What a commit that nobody answered may still bring in is neither removed nor loaded again', async () => {
  holdCommits(() => Promise.reject(new AppError('commit-state-unknown', 'No answer.')))
  const run = await ingest()
  expect(run).toMatchObject({ state: 'failed', attempt: 4, error: { code: 'commit-state-unknown' } })
  expect(run.error?.detail).toContain('look at the table before loading it again')
  expect((await readLog(openDatabase(), run.id, 0, 100)).at(-1)).toMatchObject({
    level: 'error',
    text: expect.stringMatching(/^Failed: /),
  })
  expect(await lateRows()).toBe(2)
})

it('A run whose worker was lost while the commit was on its way is treated so, too', async () => {
  let wake = () => {}
  holdCommits(
    () =>
      new Promise<never>((_resolve, reject) => {
        wake = () => reject(new AppError('commit-state-unknown', 'No answer.'))
      }),
  )
  const run = await ingest(async (id) => {
    await vi.waitUntil(() => deliver !== null, 10_000)
    await openDatabase().commit([
      rawChange("UPDATE runs SET lease_owner = 'lost', lease_until_ms = 0 WHERE id = ?", [id]),
    ])
    startWorker()
    await vi.waitUntil(async () => (await readRun(openDatabase(), id))?.finishedAtMs !== null, 10_000)
    wake()
  })
  expect(run).toMatchObject({ state: 'failed', error: { code: 'commit-state-unknown' } })
  expect(await lateRows()).toBe(2)
})

it('A commit that is found when it is looked for has succeeded', async () => {
  holdCommits(async () => {
    await deliver?.()
    deliver = null
    throw new AppError('commit-state-unknown', 'No answer.')
  })
  expect(await ingest()).toMatchObject({ state: 'succeeded', attempt: 2, outcome: { rowsCommitted: 2 } })
  expect(await lateRows()).toBe(2)
})

it('What the catalog refused is taken away', async () => {
  holdCommits(() => Promise.reject(new AppError('forbidden', 'Not you.')))
  expect(await ingest()).toMatchObject({ state: 'failed', error: { code: 'forbidden' }, journal: null })
  await expect((await openTestCatalog()).loadTable(refOf())).rejects.toMatchObject({ code: 'not-found' })
  expect((await strays()).filter((file) => file.includes(`/t${tables}/`))).toEqual([])
})
