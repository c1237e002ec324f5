import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/**
 * Loaded into each process of the product: writes how long its event loop was kept, and its memory, as lines of JSON.
 *
 * A delay also grows while other programs have the processor. `maxBusyMs` does not: it is processor time of the thread
 * between two looks at it, of which one is due in each round of the loop.
 */

const INTERVAL_MS = 200
const LOOK_MS = 1
const folder = process.env.BENCH_LOOP_FOLDER

if (folder !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: 5 })
  delays.enable()
  let busySinceMs = threadMs()
  let maxBusyMs = 0
  setInterval(() => {
    const nowMs = threadMs()
    maxBusyMs = Math.max(maxBusyMs, nowMs - busySinceMs)
    busySinceMs = nowMs
  }, LOOK_MS).unref()
  setInterval(() => {
    const line = { atMs: Date.now(), maxDelayMs: delays.max / 1e6, maxBusyMs, rssBytes: process.memoryUsage.rss() }
    delays.reset()
    maxBusyMs = 0
    appendFileSync(path.join(folder, `${process.pid}.jsonl`), `${JSON.stringify(line)}\n`)
  }, INTERVAL_MS).unref()
}

/** Processor time that the thread used so far. */
function threadMs() {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
