import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { startMain } from '@/testing/processes/main-process'
import { killableEnv, planKill } from '@/testing/faults/planned-kill'
import { listChildPids, waitUntilExited } from '@/testing/processes/process-tree'
import { createTestHome } from '@/testing/homes/test-home'
import { queryRows } from '@/testing/duckdb/query-rows'
import { openTestCatalog, findStrayFiles } from '@/testing/catalogs/test-catalog'
import { rawChange } from '@/testing/databases/test-sql'
import { verifyTable } from '@/testing/catalogs/verify-table'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { readRun } from '@/server/db/jobs/runs'
import { readLog } from '@/server/db/jobs/run-logs'
import { toFileLocation, queueIngest } from '@/server/ingest/run/ingest-spec'

/** Two workers as they are built, on one database and one home. */

const home = createTestHome()

const ROWS = 100_000
const SCHEMA = JSON.stringify({
  type: 'struct',
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'kind', required: false, type: 'string' },
    { id: 3, name: 'note', required: false, type: 'string' },
  ],
})
/** Generous, because machines may be slow. */
const WAIT = { timeout: 200_000 }

const toIdentifier = (table: string) => ({ catalog: home.config.catalogName, namespace: ['ns'], table })

/** Queues a load into four partitions of a table that the run creates. */
async function queueRows(table: string, rows: number, noteRepeats: number): Promise<string> {
  const file = path.join(home.config.homeDir, `${table}.csv`)
  const note = 'a text of some length that is the same in each row '.repeat(noteRepeats)
  const lines = Array.from({ length: rows }, (_, id) => `${id},${'abcd'.charAt(id % 4)},${note}${id}`)
  writeFileSync(file, ['id,kind,note', ...lines, ''].join('\n'))
  const create = { schema: SCHEMA, partitionBy: 'kind', properties: {} }
  const spec = {
    input: [{ location: toFileLocation(file) }],
    format: 'csv',
    ignoreExtra: false,
    maxRejectedRows: 0,
    create,
  } as const
  return queueIngest(home.database, toIdentifier(table), spec, COMMAND_LINE)
}

const running = new Set<Worker>()
afterAll(async () => {
  for (const worker of running) worker.process.kill('SIGKILL')
  await Promise.all([...running].map(({ ended }) => ended))
})

const killFile = () => path.join(home.config.homeDir, 'kill')

function startWorker() {
  const env = { LAKESHORE_HOME: home.config.homeDir, LAKESHORE_LOG_LEVEL: 'error', ...killableEnv(killFile()) }
  const worker = startMain('build/worker.mjs', [], env)
  running.add(worker)
  void worker.ended.then(() => running.delete(worker))
  return worker
}
type Worker = ReturnType<typeof startMain>

async function requireRun(id: string) {
  const run = await readRun(home.database, id)
  if (!run) throw new Error(`There is no run ${id}.`)
  return run
}

const isEnded = async (id: string) => (await requireRun(id)).finishedAtMs !== null

/** Expects every row once, in one snapshot. */
async function expectLoaded(table: string, rows: number): Promise<void> {
  expect((await verifyTable(home.services, toIdentifier(table))).log).toHaveLength(1)
  const loaded = await (await openTestCatalog(home.services)).loadTable(toIdentifier(table))
  const counted = 'SELECT count(*), count(DISTINCT id), min(id), max(id) FROM live_rows'
  expect(await queryRows(home.services.manifestCache, loaded, counted)).toEqual([
    [String(rows), String(rows), '0', String(rows - 1)],
  ])
}

/** The files that DuckDB has staged for a run so far. */
function stagedFor(id: string): string[] {
  const staging = path.join(home.config.homeDir, 'staging')
  if (!existsSync(staging)) return []
  const folders = readdirSync(staging).filter((name) => name.startsWith(id))
  return folders
    .flatMap((name) => readdirSync(path.join(staging, name), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
}

/** The worker that reads the input, and its DuckDB process. */
async function findReader(workers: readonly Worker[]): Promise<{ worker: Worker; duckdb: number } | null> {
  for (const worker of workers) {
    const [duckdb] = await listChildPids(worker.process.pid ?? 0)
    if (duckdb !== undefined) return { worker, duckdb }
  }
  return null
}

/** The same, with DuckDB stopped halfway so that it cannot finish before the test checks it. */
async function pauseReader(workers: readonly Worker[], id: string): Promise<{ worker: Worker; duckdb: number }> {
  const reader = await vi.waitUntil(() => findReader(workers), { ...WAIT, interval: 5 })
  // It is stopped before each check: on a busy machine a check may come so late that the run would have finished.
  const isHalfway = () => {
    process.kill(reader.duckdb, 'SIGSTOP')
    if (stagedFor(id).length > 0) return true
    process.kill(reader.duckdb, 'SIGCONT')
    return false
  }
  await vi.waitUntil(isHalfway, { ...WAIT, interval: 20 })
  return reader
}

/** How often a worker took over the run from a dead one. */
async function takeovers(id: string): Promise<number> {
  const lines = await readLog(home.database, id, 0, 50)
  return lines.filter(({ text }) => text.startsWith('Its worker is gone')).length
}

describe('When one of two workers is killed', () => {
  it('while reading a file, the other one loads every row once and leaves no file behind', async () => {
    const workers = [startWorker(), startWorker()]
    const id = await queueRows('read', ROWS, 16)
    const { worker, duckdb } = await pauseReader(workers, id)
    worker.process.kill('SIGKILL')
    expect(await worker.ended).toBe('SIGKILL')
    expect(await requireRun(id)).toMatchObject({ state: 'running', attempt: 1 })
    process.kill(duckdb, 'SIGCONT')
    await waitUntilExited([duckdb])

    await vi.waitUntil(() => isEnded(id), WAIT)
    expect(await requireRun(id)).toMatchObject({
      state: 'succeeded',
      attempt: 2,
      journal: null,
      outcome: { rowsRead: ROWS },
    })
    expect(await takeovers(id)).toBe(1)
    await expectLoaded('read', ROWS)
    expect(await findStrayFiles(home.services)).toEqual([])

    const survivor = workers.find((one) => one !== worker)
    survivor?.process.kill('SIGTERM')
    expect(await survivor?.ended).toBe(0)
  })

  const journal = (locations: number, mayBeSent: boolean) => ({
    locations: expect.objectContaining({ length: locations }),
    mayBeSent,
  })
  /**
   * For each step: the position of the kill, the run's journal at that time, and the file that remains. That is a
   * draft, which the nightly clean-up removes.
   */
  const STEPS = [
    { step: 'right after claiming the run', table: 'claimed', at: 'make-folder .*/staging/', journal: null },
    { step: 'about to read the file', table: 'begun', at: 'make-folder .*/staged$', journal: null },
    {
      step: 'while creating the table',
      table: 'made',
      at: 'sync .*/made/metadata/\\.00000-',
      journal: journal(1, false),
      left: /\/\.00000-[^/]*\.tmp$/,
    },
    {
      step: 'before its first file is in the table’s folder',
      table: 'first',
      at: 'link .*/data/',
      journal: journal(4, false),
    },
    {
      step: 'with half its files in the table’s folder',
      table: 'half',
      at: 'link .*/data/',
      after: 2,
      journal: journal(4, false),
    },
    {
      step: 'before its manifest is written',
      table: 'manifest',
      at: 'link .*-m0\\.avro$',
      journal: journal(5, false),
      left: /-m0\.avro\.[^/]*\.tmp$/,
    },
    {
      step: 'before its manifest list is written',
      table: 'list',
      at: 'link .*/snap-[^/]*\\.avro$',
      journal: journal(6, true),
      left: /\/\.snap-[^/]*\.tmp$/,
    },
    {
      step: 'right before its commit',
      table: 'commit',
      at: 'sync-folder .*/commit/metadata$',
      // For creating the table, for the manifest and for the manifest list.
      after: 3,
      journal: journal(7, true),
    },
  ]
  const FEW_ROWS = 4_000

  /** Ends the lease as if its time had passed. */
  async function endLeaseOf(id: string): Promise<void> {
    const past = "UPDATE runs SET lease_until_ms = 0 WHERE id = ? AND state = 'running'"
    await home.database.commit([rawChange(past, [id])])
  }

  /** Keeps two workers running, kills one at the step, and starts another one once it is dead. */
  async function killOneAt(
    step: { at: string; after?: number },
    work: () => Promise<void> | Promise<string>,
  ): Promise<void> {
    while (running.size < 2) startWorker()
    const dead = Promise.race([...running].map(({ ended }) => ended))
    planKill(killFile(), { program: 'worker.mjs', ...step })
    await work()
    expect(await dead).toBe('SIGKILL')
  }

  it.each(STEPS)(
    '$step, the other one loads every row once and leaves no data file behind',
    async ({ table, at, after = 0, journal: known, left }) => {
      let id = ''
      await killOneAt({ at, after }, async () => void (id = await queueRows(table, FEW_ROWS, 1)))
      expect(await requireRun(id)).toMatchObject({ state: 'running', attempt: 1, journal: known })
      await endLeaseOf(id)
      await vi.waitUntil(() => isEnded(id), WAIT)
      expect(await requireRun(id)).toMatchObject({ state: 'succeeded', attempt: 2, journal: null })
      expect(await takeovers(id)).toBe(1)
      await expectLoaded(table, FEW_ROWS)
      const found = (await findStrayFiles(home.services)).filter(
        (file) => file.includes(`/${table}/`) || file.includes(id),
      )
      expect(found.map((file) => left?.test(file) ?? false)).toEqual(left ? [true] : [])
    },
  )

  it('while it cleans up after a dead worker, the next one cleans up after both', async () => {
    let id = ''
    await killOneAt({ at: 'link .*-m0\\.avro$' }, async () => void (id = await queueRows('cleaning', FEW_ROWS, 1)))
    await killOneAt({ at: 'remove .*/cleaning/data/', after: 2 }, () => endLeaseOf(id))
    expect(await requireRun(id)).toMatchObject({ state: 'running', attempt: 2, journal: journal(5, false) })
    await endLeaseOf(id)
    await vi.waitUntil(() => isEnded(id), WAIT)
    expect(await requireRun(id)).toMatchObject({ state: 'succeeded', attempt: 3, journal: null })
    await expectLoaded('cleaning', FEW_ROWS)
    expect((await findStrayFiles(home.services)).filter((file) => file.includes('/cleaning/data/'))).toEqual([])
  })

  it('after its commit, the run has succeeded, is not executed again, and the next worker cleans up', async () => {
    let id = ''
    await killOneAt({ at: 'remove .*/staging/[^/]*$' }, async () => void (id = await queueRows('after', FEW_ROWS, 1)))
    expect(await requireRun(id)).toMatchObject({
      state: 'succeeded',
      attempt: 1,
      journal: null,
      outcome: { rowsCommitted: FEW_ROWS },
    })
    await expectLoaded('after', FEW_ROWS)
    startWorker()
    const isTidy = async () => !(await findStrayFiles(home.services)).some((file) => file.includes(id))
    await vi.waitUntil(isTidy, WAIT)
    expect(await takeovers(id)).toBe(0)
    await expectLoaded('after', FEW_ROWS)
  })
})
