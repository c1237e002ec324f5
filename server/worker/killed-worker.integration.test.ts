import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { startMain } from '@/scripts/main-process'
import { childPids, waitUntilGone } from '@/scripts/process-tree'
import { makeTestHome } from '@/scripts/test-home'
import { queryRows } from '@/scripts/table-rows'
import { openTestCatalog, strays } from '@/scripts/test-lake'
import { wholeTable } from '@/scripts/whole-table'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { readRun } from '@/server/db/jobs'
import { readLog } from '@/server/db/run-logs'
import { inputAt, queueIngest } from '@/server/ingest/ingest-spec'

/** Two workers as they are built, on one database and one home. */

const home = makeTestHome()

beforeAll(() => void execFileSync('node', ['scripts/build-server.mjs']))

const ROWS = 100_000
const SCHEMA = JSON.stringify({
  type: 'struct',
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'kind', required: false, type: 'string' },
    { id: 3, name: 'note', required: false, type: 'string' },
  ],
})
/** A machine may be slow. */
const WAIT = { timeout: 200_000 }

const ref = () => ({ catalog: home.config.catalogName, namespace: ['ns'], table: 't' })

async function queueRows(): Promise<string> {
  const file = path.join(home.config.homeDir, 'input.csv')
  const note = 'a text of some length that is the same in each row '.repeat(16)
  const lines = Array.from({ length: ROWS }, (_, id) => `${id},${'abcd'.charAt(id % 4)},${note}${id}`)
  writeFileSync(file, ['id,kind,note', ...lines, ''].join('\n'))
  const create = { schema: SCHEMA, partitionBy: 'kind', properties: {} }
  const spec = { input: inputAt(file), format: 'csv', ignoreExtra: false, maxRejectedRows: 0, create } as const
  return queueIngest(home.database, ref(), spec, COMMAND_LINE)
}

function startWorker() {
  const worker = startMain('build/worker.mjs', [], {
    LAKESHORE_HOME: home.config.homeDir,
    LAKESHORE_LOG_LEVEL: 'error',
  })
  onTestFinished(() => void worker.process.kill('SIGKILL'))
  return worker
}
type Worker = ReturnType<typeof startWorker>

/** What DuckDB has written so far for a run. */
function stagedFor(id: string): string[] {
  const staging = path.join(home.config.homeDir, 'staging')
  if (!existsSync(staging)) return []
  const folders = readdirSync(staging).filter((name) => name.startsWith(id))
  return folders.flatMap((name) => readdirSync(path.join(staging, name)))
}

/** The worker that reads the input, and its DuckDB, stopped in the middle of it. */
async function heldUp(workers: readonly Worker[], id: string): Promise<{ worker: Worker; duckdb: number }> {
  await vi.waitUntil(() => stagedFor(id).length > 0, { ...WAIT, interval: 5 })
  for (const worker of workers) {
    const [duckdb] = await childPids(worker.process.pid ?? 0)
    if (duckdb === undefined) continue
    process.kill(duckdb, 'SIGSTOP')
    return { worker, duckdb }
  }
  throw new Error('Neither worker reads the input.')
}

it('When one of two workers is killed in the middle of a load, the other one loads every row once and leaves no file behind', async () => {
  const workers = [startWorker(), startWorker()]
  const id = await queueRows()
  const { worker, duckdb } = await heldUp(workers, id)
  worker.process.kill('SIGKILL')
  expect(await worker.ended).toBe('SIGKILL')
  process.kill(duckdb, 'SIGCONT')
  await waitUntilGone([duckdb])
  expect(await readRun(home.database, id)).toMatchObject({ state: 'running', attempt: 1 })

  await vi.waitUntil(async () => (await readRun(home.database, id))?.finishedAtMs !== null, WAIT)
  expect(await readRun(home.database, id)).toMatchObject({
    state: 'succeeded',
    attempt: 2,
    journal: null,
    outcome: { rowsRead: ROWS },
  })
  const lines = await readLog(home.database, id, 0, 20)
  expect(lines.filter(({ text }) => text.startsWith('Its worker is gone'))).toHaveLength(1)
  expect((await wholeTable(home.services, ref())).log).toHaveLength(1)
  const table = await (await openTestCatalog(home.services)).loadTable(ref())
  const counted = 'SELECT count(*), count(DISTINCT id), min(id), max(id) FROM live_rows'
  expect(await queryRows(home.services.manifestCache, table, counted)).toEqual([
    [String(ROWS), String(ROWS), '0', String(ROWS - 1)],
  ])
  expect(await strays(home.services)).toEqual([])
  expect((await (await openTestCatalog(home.services)).listTables(['ns'])).map(({ table }) => table)).toEqual(['t'])

  const survivor = workers.find((one) => one !== worker)
  survivor?.process.kill('SIGTERM')
  expect(await survivor?.ended).toBe(0)
})
