import { existsSync, readFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

/** Linux counts the processor time of processes in hundredths of a second. */
const MS_PER_TICK = 10
const OWN_STAT = '/proc/self/stat'

/** The processor time of this thread, or of this process and those that it started, which other threads share. */
export function readProcessorMs(): number {
  if (!isMainThread) return totalMs(process.threadCpuUsage())
  return totalMs(process.cpuUsage()) + (readEndedChildrenMs() ?? 0)
}

/** The processor time of the ended processes that this one started, and of theirs; null on systems that do not say. */
function readEndedChildrenMs(): number | null {
  if (!existsSync(OWN_STAT)) return null
  const stat = readFileSync(OWN_STAT, 'utf8')
  // The name of the program, in parentheses, may have spaces. After it: cutime and cstime, the 16th and 17th fields.
  const [userTicks, systemTicks] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15)
    .map(Number)
  if (userTicks === undefined || systemTicks === undefined) throw new Error(`${OWN_STAT} has too few fields.`)
  return (userTicks + systemTicks) * MS_PER_TICK
}

function totalMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
}
