import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { listRuns, queueRun, readRuns } from '@/server/db/jobs/runs'
import { readLog } from '@/server/db/jobs/run-logs'

const home = createTestHome()

const WORKER = 'build/counting-worker.mjs'
/**
 * A worker whose runs end only once the file `door` exists. Each run writes one row, in the transaction of its success.
 * Its monotonic clock runs ten times as fast, because a lease of a dead worker ends only after it was watched in full.
 */
const SOURCE = `
import { existsSync } from 'node:fs'
import { rawChange } from '@/testing/databases/test-sql'
import { services } from '@/testing/homes/program-services'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
const now = performance.now.bind(performance)
performance.now = () => now() * 10
const count = {
  async work(run, { signal, successChanges }) {
    while (!existsSync(process.env.LAKESHORE_HOME + '/door')) {
      await new Promise((resolve) => setTimeout(resolve, 10))
      signal.throwIfAborted()
    }
    await services.database.commit([
      rawChange('INSERT INTO effects (run_id) VALUES (?)', [run.id]),
      ...successChanges({ by: process.pid }),
    ])
    return { by: process.pid }
  },
  settle: async () => null,
  tidy: async () => {},
}
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
await runWorkerLoop(services, { kinds: { count }, concurrency: 2, signal: stop.signal, pollMs: 10, renewMs: 200 })
await services.database.close()
`

beforeAll(async () => {
  await build({
    stdin: { contents: SOURCE, resolveDir: process.cwd(), loader: 'ts' },
    outfile: WORKER,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['react-server'],
    alias: { '@': process.cwd() },
    packages: 'external',
  })
})

const WAIT = { timeout: 100_000 }

function startWorker() {
  const env = { ...process.env, LAKESHORE_HOME: home.config.homeDir, LAKESHORE_LOG_LEVEL: 'error' }
  const child = spawn('node', ['--conditions=react-server', WORKER], { env, stdio: ['ignore', 'inherit', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise((resolve) => child.once('exit', resolve))
  return { child, ended }
}

describe('Two workers on one queue', () => {
  it('execute every run once, even runs of a killed worker, and after the clock went back', async () => {
    await home.database.commit([rawChange('CREATE TABLE effects (run_id TEXT NOT NULL)')])
    const door = path.join(home.config.homeDir, 'door')
    const ids: string[] = []
    const queueTwenty = async () => {
      for (let i = 0; i < 20; i += 1) {
        ids.push(
          await queueRun(home.database, { kind: 'count', title: 'Count', spec: {}, actor: COMMAND_LINE, table: null }),
        )
      }
    }
    const listRunning = () => listRuns(home.database, { states: ['running'], limit: 10 })
    const areDone = async () => {
      const runs = await readRuns(home.database, ids)
      return ids.every((id) => runs.get(id)?.state === 'succeeded')
    }
    // Each worker has two runs, which wait for the door.
    const bothAreAtWork = () =>
      vi.waitUntil(async () => {
        const runs = await listRunning()
        return runs.length === 4 && new Set(runs.map(({ leaseOwner }) => leaseOwner)).size === 2
      }, WAIT)
    await queueTwenty()
    const [first, second] = [startWorker(), startWorker()]
    await bothAreAtWork()
    writeFileSync(door, '')
    await vi.waitUntil(areDone, WAIT)
    rmSync(door)
    const succeeded = await listRuns(home.database, { states: ['succeeded'], limit: 100 })
    expect(new Set(succeeded.map(({ outcome }) => outcome?.by)).size).toBe(2)

    // Killed while it executes runs.
    await queueTwenty()
    await bothAreAtWork()
    first.child.kill('SIGKILL')
    await first.ended
    const heldByDead = (await listRunning()).map(({ id }) => id)
    // Simulates that the dead worker renewed its leases by a clock that was an hour ahead.
    const later = "UPDATE runs SET lease_until_ms = lease_until_ms + 3600000 WHERE state = 'running' AND id = ?"
    await home.database.commit(heldByDead.map((id) => rawChange(later, [id])))
    writeFileSync(door, '')
    await vi.waitUntil(areDone, WAIT)
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
    const effects = await home.database.read(rawQuery<{ run_id: string }>('SELECT run_id FROM effects ORDER BY run_id'))
    expect(effects.map(({ run_id }) => run_id)).toEqual(ids)
    const takenOver: string[] = []
    for (const id of ids) {
      const lines = await readLog(home.database, id, 0, 10)
      if (lines.some(({ text }) => text.startsWith('Its worker is gone'))) takenOver.push(id)
    }
    expect(takenOver.length).toBeGreaterThanOrEqual(2)
    const runs = await readRuns(home.database, takenOver)
    expect(takenOver.every((id) => runs.get(id)?.attempt === 2)).toBe(true)
  })
})
