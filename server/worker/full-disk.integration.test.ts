import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startMain } from '@/testing/processes/main-process'
import { canMountDisk, mountSmallDisk } from '@/testing/faults/small-disk'
import { createServicesAt } from '@/testing/homes/test-home'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { queueRun, readRun } from '@/server/db/jobs/runs'
import { isWorkerAlive } from '@/server/db/jobs/workers'
import { TIDY_RUNS } from '@/server/jobs/tidy-runs'

/** Generous, because machines may be slow. */
const WAIT = { timeout: 100_000, interval: 50 }

describe.skipIf(!canMountDisk())('A full disk (skipped where no file system can be mounted)', () => {
  it('does not stop the worker: it retries later, logs the error once, and resumes when there is room again', async () => {
    const { disk, database, worker } = await startWorker()
    disk.fill()
    const refused = () => worker.lines().filter(({ code }) => code === 'storage-full')
    const isRefusedAgain = () => refused().filter(({ level }) => level === 'debug').length >= 3
    // It writes that it is alive less often than its other loops write.
    const hasLooked = () => refused().some(({ level, doing }) => level === 'error' && doing === 'looking for work')
    await vi.waitUntil(() => (isRefusedAgain() && hasLooked()) || worker.process.exitCode !== null, WAIT)
    expect(worker.process.exitCode).toBeNull()
    const errors = refused().filter(({ level }) => level === 'error')
    expect(errors.map(({ doing }) => doing)).toEqual([...new Set(errors.map(({ doing }) => doing))])
    expect(errors).toContainEqual(expect.objectContaining({ doing: 'looking for work' }))

    disk.freeSpace()
    const id = await queueRun(database, {
      kind: TIDY_RUNS,
      title: 'Clean up',
      spec: {},
      actor: COMMAND_LINE,
      table: null,
    })
    await vi.waitUntil(async () => (await readRun(database, id))?.finishedAtMs !== null, WAIT)
    expect(await readRun(database, id)).toMatchObject({ state: 'succeeded' })
    expect(worker.lines()).toContainEqual(
      expect.objectContaining({ message: 'works again', doing: 'looking for work' }),
    )
    worker.process.kill('SIGTERM')
    expect(await worker.ended).toBe(0)
  })

  it('does not keep the worker from stopping', async () => {
    const { disk, worker } = await startWorker()
    disk.fill()
    await vi.waitUntil(() => worker.lines().some(({ code }) => code !== undefined), WAIT)
    worker.process.kill('SIGTERM')
    expect(await worker.ended).toBe(0)
  })
})

type Line = { level: string; message: string; code?: string; doing?: string }

/** Starts the built worker on a small disk, waits until it has opened its home, and collects its log. */
async function startWorker() {
  const disk = mountSmallDisk(8)
  if (disk === null) throw new Error('it could be mounted a moment ago')
  const home = `${disk.folder}/home`
  const { database } = createServicesAt(home)
  const worker = startMain('build/worker.mjs', [], { LAKESHORE_HOME: home, LAKESHORE_LOG_LEVEL: 'debug' })
  onTestFinished(async () => {
    worker.process.kill('SIGKILL')
    await worker.ended
    await database.close()
    disk.remove()
  })
  await vi.waitUntil(() => isWorkerAlive(database), WAIT)
  const lines = () => worker.said.map((line) => JSON.parse(line) as Line)
  return { disk, database, worker: { ...worker, lines } }
}
