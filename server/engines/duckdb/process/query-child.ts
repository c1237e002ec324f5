import 'server-only'
import { rmSync } from 'node:fs'
import { clock } from '@/server/timing/clock'
import type { FromQueryProcess, ToQueryProcess } from './messages'
import { createQueryProcess } from './run-in-process'

const MEMORY_REPORT_MS = 250

/**
 * Entry point of the process that runs one query (bundled as `build/query-child.mjs`). The server ends it. If the
 * server dies, it removes its folder, which is its argument, and ends.
 */
const [, , tempDir] = process.argv
const send = (message: FromQueryProcess) => void process.send?.(message)
const handle = createQueryProcess(send)

// Elsewhere the server cannot read how much memory this process has. A report is late while JavaScript decodes, and in
// time while DuckDB's threads run.
if (process.platform !== 'linux') {
  clock.every(MEMORY_REPORT_MS, () => send({ kind: 'memory', residentBytes: process.memoryUsage.rss() })).unref()
}

process.on('message', (message: ToQueryProcess) => handle(message))
process.on('disconnect', () => {
  try {
    if (tempDir !== undefined) rmSync(tempDir, { recursive: true, force: true })
  } finally {
    // Node may wait forever while it exits (nodejs/node#54918).
    process.kill(process.pid, 'SIGKILL')
  }
})
