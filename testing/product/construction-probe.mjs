import { appendFileSync } from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

/**
 * Preloaded into processes (`--import`): writes a line for each database that is opened or closed and each thread that
 * is started, with the program that does so, to the file that `PROBE_FILE` names.
 */
const file = process.env.PROBE_FILE
if (file === undefined) throw new Error('PROBE_FILE names no file.')
const require = createRequire(import.meta.url)

function recordConstruction(name, change) {
  const { pid, argv } = process
  appendFileSync(file, `${JSON.stringify({ pid, program: argv[1] ?? '', isMainThread, name, change })}\n`)
}

const sqlite = require('node:sqlite')
sqlite.DatabaseSync = class extends sqlite.DatabaseSync {
  constructor(...args) {
    super(...args)
    recordConstruction('database', 1)
  }
  close() {
    super.close()
    recordConstruction('database', -1)
  }
}
const threads = require('node:worker_threads')
threads.Worker = class extends threads.Worker {
  constructor(...args) {
    super(...args)
    recordConstruction('thread', 1)
  }
}
syncBuiltinESMExports()
