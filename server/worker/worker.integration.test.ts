import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog, findStrayFiles } from '@/testing/catalogs/test-catalog'
import { rawChange } from '@/testing/databases/test-sql'
import { bundleText } from '@/testing/processes/main-process'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { type Run, readRun, requestCancel } from '@/server/db/jobs/runs'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { INGEST, toFileLocation, queueIngest } from '@/server/ingest/run/ingest-spec'
import { stageInput } from '@/server/ingest/stage/stage-input'
import { followRun } from '@/server/jobs/follow-run'
import { runWorkerLoop } from '@/server/jobs/worker-loop'

const home = createTestHome()

/** A worker that kills itself before or after its n-th durable step: a linked file or a transaction. */
const SOURCE = `
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { changeSql } from '@/testing/databases/change-sql'
import { services } from '@/testing/homes/program-services'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import { runKinds } from '@/server/worker/run-kinds'
let left = Number(process.argv[2])
function step() {
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
}
const { link } = fs
fs.link = async (...paths) => {
  step()
  await link(...paths)
  step()
}
syncBuiltinESMExports()
const { database } = services
const { commit } = database
database.commit = async (changes) => {
  const isRoutine = changes.map(changeSql).every((sql) => /"lease_until_ms" = |"workers"|"run_logs"/.test(sql) && !/journal/.test(sql))
  if (!isRoutine) step()
  const changed = await commit(changes)
  if (!isRoutine) step()
  return changed
}
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
await runWorkerLoop(services, { kinds: runKinds(services), concurrency: 1, signal: stop.signal, pollMs: 20 })
await database.close()
`

let dyingWorker = ''
beforeAll(async () => {
  dyingWorker = await bundleText(SOURCE, 'dying-worker')
})

const SCHEMA = JSON.stringify({
  type: 'struct',
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'kind', required: false, type: 'string' },
  ],
})
/** Takes some seconds: the last row does not fit, so all rows are read again line by line. */
const SLOW = `id,kind\n${'1,abcdefgh\n'.repeat(3_000_000)}x,y\n`
/** Generous, because machines may be slow. */
const WAIT = { timeout: 100_000 }
let tables = 0

async function queueCsv(text: string, partitionBy: string | null = 'kind') {
  tables += 1
  const identifier = { catalog: home.config.catalogName, namespace: ['ns'], table: `t${tables}` }
  const file = path.join(home.config.homeDir, `input-${tables}.csv`)
  writeFileSync(file, text)
  const create = { schema: SCHEMA, partitionBy, properties: {} }
  const spec = {
    input: [{ location: toFileLocation(file) }],
    format: 'csv',
    ignoreExtra: false,
    maxRejectedRows: 0,
    create,
  } as const
  return { identifier, id: await queueIngest(home.database, identifier, spec, COMMAND_LINE) }
}

function startProcess(args: readonly string[]) {
  const env = { ...process.env, LAKESHORE_HOME: home.config.homeDir, LAKESHORE_LOG_LEVEL: 'error' }
  const child = spawn('node', ['--conditions=react-server', ...args], { env, stdio: ['ignore', 'inherit', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
  return { child, ended }
}

/** The next start of a worker, after the lease of the dead one has expired. */
async function nextStart(id: string): Promise<Run> {
  await home.database.commit([rawChange("UPDATE runs SET lease_until_ms = 0 WHERE state = 'running'")])
  const stop = new AbortController()
  const kinds = { [INGEST]: ingestRuns(home.services, (request) => stageInput(request)) }
  const loop = runWorkerLoop(home.services, { kinds, concurrency: 1, signal: stop.signal, pollMs: 20 })
  const run = await followRun(home.database, id, {
    signal: new AbortController().signal,
    onProgress: () => {},
    pollMs: 5,
  })
  stop.abort()
  await loop
  return run
}

describe('After kill −9', () => {
  it('at any step, the next start leaves the rows exactly once and nothing else', { timeout: 1_200_000 }, async () => {
    let killed = 0
    for (let step = 1; step < 100; step += 1) {
      const { identifier, id } = await queueCsv('id,kind\n1,a\n2,b\n3,a\n')
      const { child, ended } = startProcess([dyingWorker, String(step)])
      const first = await Promise.race([
        ended,
        vi.waitUntil(async () => (await readRun(home.database, id))?.finishedAtMs !== null && 'finished', WAIT),
      ])
      if (first === 'finished') child.kill('SIGTERM')
      const isKilled = (await ended) === 'SIGKILL'
      const run = await nextStart(id)
      expect(run, `step ${step}`).toMatchObject({ state: 'succeeded', journal: null })
      const { metadata } = await (await openTestCatalog(home.services)).loadTable(identifier)
      expect(
        metadata.snapshots.map(({ summary }) => summary['total-records']),
        `step ${step}`,
      ).toEqual(['3'])
      // A metadata file without a commit stays in the catalog: it is harmless, and no table names it.
      const left = (await findStrayFiles(home.services)).filter(
        (file) => !file.endsWith('.metadata.json') && !file.endsWith('.tmp'),
      )
      expect(left, `step ${step}`).toEqual([])
      if (!isKilled) break
      killed += 1
    }
    // Table, journal, two data files, manifest, list and commit, before and after each.
    expect(killed).toBeGreaterThan(15)
  })

  it('while reading, DuckDB ends too, and the next worker starts over', async () => {
    const { id } = await queueCsv(`id,kind\n${'1,abcdefgh\n'.repeat(3_000_000)}`)
    const { child, ended } = startProcess([dyingWorker, '0'])
    const duckdb = await pauseDuckdb(child, id)
    child.kill('SIGKILL')
    await ended
    process.kill(duckdb, 'SIGCONT')
    await vi.waitUntil(() => !isRunning(duckdb), WAIT)
    expect(stagedFor(id)).not.toEqual([])
    expect((await readRun(home.database, id))?.state).toBe('running')
    expect(await nextStart(id)).toMatchObject({ state: 'succeeded', attempt: 2, outcome: { rowsRead: 3_000_000 } })
    expect(readdirSync(stagingFolder())).toEqual([])
  })
})

describe('The worker', () => {
  it('stops on SIGTERM, puts its run back into the queue, and kills DuckDB', async () => {
    const { id } = await queueCsv(SLOW)
    const { child, ended } = startProcess(['build/worker.mjs'])
    const duckdb = await pauseDuckdb(child, id)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(isRunning(duckdb)).toBe(false)
    expect(await readRun(home.database, id)).toMatchObject({ state: 'queued', attempt: 0 })
    await requestCancel(home.database, id)
  })

  it('kills DuckDB when its run is cancelled, and leaves no files', async () => {
    const { identifier, id } = await queueCsv(SLOW)
    const { child, ended } = startProcess(['build/worker.mjs'])
    await pauseDuckdb(child, id)
    await requestCancel(home.database, id)
    await vi.waitUntil(async () => (await readRun(home.database, id))?.state === 'cancelled', WAIT)
    expect(childPids(child.pid ?? 0)).toEqual([])
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    await expect((await openTestCatalog(home.services)).loadTable(identifier)).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(
      (await findStrayFiles(home.services)).filter(
        (file) => !file.endsWith('.metadata.json') && !file.endsWith('.tmp'),
      ),
    ).toEqual([])
  })

  it('reports when DuckDB is killed from outside', async () => {
    const { id } = await queueCsv(SLOW)
    const { child, ended } = startProcess(['build/worker.mjs'])
    process.kill(await pauseDuckdb(child, id), 'SIGKILL')
    await vi.waitUntil(async () => (await readRun(home.database, id))?.finishedAtMs !== null, WAIT)
    expect(await readRun(home.database, id)).toMatchObject({ state: 'failed', error: { code: 'too-large' } })
    child.kill('SIGTERM')
    await ended
  })
})

const stagingFolder = () => path.join(home.config.homeDir, 'staging')

const hasStaging = (id: string) =>
  existsSync(stagingFolder()) && readdirSync(stagingFolder()).some((name) => name.startsWith(id))

/** Files that DuckDB has staged for a run so far. */
function stagedFor(id: string): string[] {
  if (!existsSync(stagingFolder())) return []
  const folders = readdirSync(stagingFolder()).filter((name) => name.startsWith(id))
  return folders
    .flatMap((name) => readdirSync(path.join(stagingFolder(), name), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
}

/** The process in which DuckDB reads, stopped halfway so that it cannot finish before the test checks it. */
async function pauseDuckdb(worker: ChildProcess, id: string): Promise<number> {
  let children: readonly number[] = []
  const signal = (name: NodeJS.Signals) => {
    for (const pid of children) process.kill(pid, name)
  }
  // Listing processes takes longer than looking for the folder, which the worker makes before it starts DuckDB.
  await vi.waitUntil(() => hasStaging(id), { ...WAIT, interval: 20 })
  // It is stopped before each check: on a busy machine a check may come so late that the run would have finished.
  const isHalfway = () => {
    if (children.length === 0) children = childPids(worker.pid ?? 0)
    signal('SIGSTOP')
    if (children.length > 0 && stagedFor(id).length > 0) return true
    signal('SIGCONT')
    return false
  }
  await vi.waitUntil(isHalfway, { ...WAIT, interval: 20 })
  const [pid] = children
  if (pid === undefined || children.length > 1) throw new Error(`the worker has ${children.length} processes`)
  return pid
}

function childPids(pid: number): number[] {
  try {
    const out = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    return out.split('\n').map(Number).filter(Boolean)
  } catch {
    return [] // ps reports this by its exit code
  }
}

/** A zombie, whose parent has not waited for it, does not count as running. */
function isRunning(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z')
  } catch {
    return false
  }
}
