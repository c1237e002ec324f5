import { existsSync, readFileSync, unlinkSync } from 'node:fs'
import { ServerResponse } from 'node:http'
import { isMainThread } from 'node:worker_threads'
import { watchDisk } from './watch-disk.ts'
import type { PlannedKill } from './planned-kill.ts'

/**
 * Preloaded into the built programs of the product (`--import`): the first process that is about to take the step in
 * the file `KILL_FILE` kills itself. A step is a change of the disk, or a response to a request.
 */

const file = process.env.KILL_FILE
if (file === undefined) throw new Error('KILL_FILE names no file.')
const program = process.argv[1] ?? ''
let matchCount = 0

function readPlannedKill(): PlannedKill | null {
  if (file === undefined || !existsSync(file)) return null
  const planned = JSON.parse(readFileSync(file, 'utf8')) as PlannedKill
  return program.endsWith(planned.program) ? planned : null
}

function killIfPlanned(name: string): void {
  const planned = readPlannedKill()
  if (planned === null || !new RegExp(planned.at).test(name)) return
  matchCount += 1
  if (matchCount <= planned.after) return
  matchCount = 0
  if (!claimKill()) return
  process.kill(process.pid, 'SIGKILL')
  for (;;);
}

/** If several processes reach the step, the one that removes the file is killed. */
function claimKill(): boolean {
  if (file === undefined) return false
  try {
    unlinkSync(file)
    return true
  } catch {
    return false // another process was first
  }
}

if (isMainThread) {
  watchDisk({ before: (change) => killIfPlanned(`${change.kind} ${'to' in change ? change.to : change.path}`) })
  const { writeHead } = ServerResponse.prototype
  ServerResponse.prototype.writeHead = function (this: ServerResponse, ...args: Parameters<typeof writeHead>) {
    killIfPlanned(`answer ${this.req.method} ${this.req.url} ${args[0]}`)
    return writeHead.apply(this, args)
  } as typeof writeHead
}
