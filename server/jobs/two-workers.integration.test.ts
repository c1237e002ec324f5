import { spawn } from 'node:child_process'
import { build } from 'esbuild'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { makeTestHome } from '@/scripts/test-home'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { config } from '@/server/config'
import { listRuns, queueRun, readRun } from '@/server/db/jobs'
import { openDatabase } from '@/server/db/open-database'
import { readLog } from '@/server/db/run-logs'

makeTestHome()

const WORKER = 'build/counting-worker.mjs'
/** A worker whose runs write one row each, in the transaction of their good end. */
const SOURCE = `
import { openDatabase } from '@/server/db/open-database'
import { workLoop } from '@/server/jobs/worker-loop'
const count = {
  async work(run, { signal, succeeded }) {
    await new Promise((resolve, reject) => {
      setTimeout(resolve, 100)
      signal.addEventListener('abort', () => reject(signal.reason))
    })
    await openDatabase().transact([
      { sql: 'INSERT INTO effects (run_id) VALUES (?)', params: [run.id] },
      succeeded({ by: process.pid }),
    ])
    return { by: process.pid }
  },
  settle: async () => null,
  tidy: async () => {},
}
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
await workLoop({ kinds: { count }, concurrency: 2, signal: stop.signal, pollMs: 10, renewMs: 200 })
await openDatabase().close()
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

function startWorker() {
  const env = { ...process.env, LAKESHORE_HOME: config().homeDir, LAKESHORE_LOG_LEVEL: 'error' }
  const child = spawn('node', ['--conditions=react-server', WORKER], { env, stdio: ['ignore', 'inherit', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise((resolve) => child.once('exit', resolve))
  return { child, ended }
}

describe('Two workers on one queue', () => {
  it('do every run once, also what one of them had begun when it was killed, and after the clock went back', async () => {
    await openDatabase().transact([{ sql: 'CREATE TABLE effects (run_id TEXT NOT NULL) STRICT' }])
    const ids: string[] = []
    for (let i = 0; i < 40; i += 1) {
      ids.push(await queueRun({ kind: 'count', title: 'Count', spec: {}, actor: COMMAND_LINE, table: null }))
    }
    const [first, second] = [startWorker(), startWorker()]
    const byWhom = () => new Set(listRuns({ states: ['succeeded'], limit: 100 }).map(({ outcome }) => outcome?.by))
    await vi.waitUntil(() => byWhom().size === 2, { timeout: 20_000 })
    // Killed with a run in its hands.
    const holding = await vi.waitUntil(
      () => {
        const held = listRuns({ states: ['running'], limit: 10 })
        return held.length > 2 && held
      },
      { timeout: 20_000 },
    )
    first.child.kill('SIGKILL')
    await first.ended
    const heldByDead = holding.map(({ id }) => id).filter((id) => readRun(id)?.state === 'running')
    // As if the dead one had renewed its leases by a clock that was an hour ahead.
    await openDatabase().transact([
      {
        sql: `UPDATE runs SET lease_until_ms = lease_until_ms + 3600000
          WHERE state = 'running' AND id IN (SELECT value FROM json_each(?))`,
        params: [JSON.stringify(heldByDead)],
      },
    ])
    await vi.waitUntil(() => ids.every((id) => readRun(id)?.state === 'succeeded'), { timeout: 60_000 })
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
    const effects = openDatabase().read<{ run_id: string }>('SELECT run_id FROM effects ORDER BY run_id')
    expect(effects.map(({ run_id }) => run_id)).toEqual(ids)
    const takenOver = ids.filter((id) => readLog(id, 0, 10).some(({ text }) => text.startsWith('Its worker is gone')))
    expect(takenOver.length).toBeGreaterThan(0)
    expect(takenOver.every((id) => readRun(id)?.attempt === 2)).toBe(true)
  })
})
