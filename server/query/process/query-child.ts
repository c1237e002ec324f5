import 'server-only'
import { rmSync } from 'node:fs'
import type { ToQueryProcess } from './messages'
import { createQueryProcess } from './run-in-process'

/**
 * Entry point of the process that runs one query (bundled as `build/query-child.mjs`). The server ends it. When the
 * server is gone, it removes its folder, which is its argument, and ends itself.
 */
const [, , tempDir] = process.argv
const handle = createQueryProcess((message) => process.send?.(message))

process.on('message', (message: ToQueryProcess) => handle(message))
process.on('disconnect', () => {
  try {
    if (tempDir !== undefined) rmSync(tempDir, { recursive: true, force: true })
  } finally {
    process.exit()
  }
})
