import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Loaded into each process of the product: writes how long its event loop was kept, and its memory, as lines of JSON. */

const INTERVAL_MS = 200
const folder = process.env.BENCH_LOOP_FOLDER

if (folder !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: 5 })
  delays.enable()
  setInterval(() => {
    const line = { atMs: Date.now(), maxDelayMs: delays.max / 1e6, rssBytes: process.memoryUsage.rss() }
    delays.reset()
    appendFileSync(path.join(folder, `${process.pid}.jsonl`), `${JSON.stringify(line)}\n`)
  }, INTERVAL_MS).unref()
}
