import { appendFileSync } from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

/**
 * Preloaded into processes (`--import`). Writes a line, with the name of the program, to the file that `PROBE_FILE`
 * names when a database is opened or closed and when a thread starts.
 */
const file = process.env.PROBE_FILE
if (file === undefined) throw new Error('PROBE_FILE is not set. Set it to the path of a file.')
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
