import { existsSync, readFileSync, unlinkSync } from 'node:fs'
import { ServerResponse } from 'node:http'
import { isMainThread } from 'node:worker_threads'
import { watchDisk } from './disk-steps.ts'
import type { PlannedKill } from './planned-kill.ts'

/**
 * Preloaded into the programs of the product as they are built (`--import`): the first process that is about to take
 * the step that the file `KILL_FILE` names kills itself. A step is a change of the disk, or an answer to a request.
 */

const file = process.env.KILL_FILE
if (file === undefined) throw new Error('KILL_FILE names no file.')
const program = process.argv[1] ?? ''
let seen = 0

function plannedKill(): PlannedKill | null {
  if (file === undefined || !existsSync(file)) return null
  const planned = JSON.parse(readFileSync(file, 'utf8')) as PlannedKill
  return program.endsWith(planned.program) ? planned : null
}

function step(name: string): void {
  const planned = plannedKill()
  if (planned === null || !new RegExp(planned.at).test(name)) return
  seen += 1
  if (seen <= planned.after) return
  seen = 0
  if (!isMine()) return
  process.kill(process.pid, 'SIGKILL')
  for (;;);
}

/** Of several processes that come to the step, the one that removes the file is killed. */
function isMine(): boolean {
  if (file === undefined) return false
  try {
    unlinkSync(file)
    return true
  } catch {
    return false // another process was first
  }
}

if (isMainThread) {
  watchDisk({ before: (change) => step(`${change.kind} ${'to' in change ? change.to : change.path}`) })
  const { writeHead } = ServerResponse.prototype
  ServerResponse.prototype.writeHead = function (this: ServerResponse, ...given: Parameters<typeof writeHead>) {
    step(`answer ${this.req.method} ${this.req.url} ${given[0]}`)
    return writeHead.apply(this, given)
  } as typeof writeHead
}
