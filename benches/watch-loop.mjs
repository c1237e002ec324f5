import { appendFileSync } from 'node:fs'
import path from 'node:path'

/**
 * Loaded into each process of the product: writes how long its event loop was blocked, and its memory, as lines of JSON.
 *
 * A timer that is due in each round of the loop reads the clock and the processor time of the thread. The time between
 * two readings (`maxDelayMs`) also grows while other programs have the processor; `maxBusyMs` does not.
 * `monitorEventLoopDelay` of Node is not used: it forgets a delay during which it should have been reset.
 */

const INTERVAL_MS = 200
const LOOK_MS = 1
const folder = process.env.BENCH_LOOP_FOLDER

if (folder !== undefined) {
  let last = look()
  let [maxDelayMs, maxBusyMs] = [0, 0]
  setInterval(() => {
    const now = look()
    maxDelayMs = Math.max(maxDelayMs, now.atMs - last.atMs)
    maxBusyMs = Math.max(maxBusyMs, now.threadMs - last.threadMs)
    last = now
  }, LOOK_MS).unref()
  setInterval(() => {
    const line = { atMs: Date.now(), maxDelayMs, maxBusyMs, rssBytes: process.memoryUsage.rss() }
    maxDelayMs = 0
    maxBusyMs = 0
    appendFileSync(path.join(folder, `${process.pid}.jsonl`), `${JSON.stringify(line)}\n`)
  }, INTERVAL_MS).unref()
}

function look() {
  const { user, system } = process.threadCpuUsage()
  return { atMs: performance.now(), threadMs: (user + system) / 1000 }
}
