import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import type { Step } from './step.ts'

export type ProgramEnd = {
  code: number
  output: string
  /** How long the program and its children computed; null if it is not known. */
  processorMs: number | null
  /** The limit at which it was killed; null if it ended itself. */
  stopped: string | null
}

/** Runs the command and writes to file descriptor 3 how long it computed, in the form of the POSIX utility `times`. */
const MEASURED = '"$@" 3>&-; code=$?; times >&3; exit $code'
const CHECK_INTERVAL_MS = 250
/** A program that has written no event yet may still be starting, which takes seconds on a busy machine. */
const START_MS = 30_000

/** The programs that run at the moment: each leads a process group, which a signal to this process does not reach. */
const running = new Set<ChildProcess>()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const child of running) killGroup(child, 'SIGTERM')
    process.kill(process.pid, signal)
  })
}
process.on('exit', () => {
  for (const child of running) killGroup(child, 'SIGKILL')
})

/** Runs the program of a step to its end, or to its limits. @throws when it cannot be started */
export function runProgram(step: Step, { isLoud }: { isLoud: boolean }): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', MEASURED, 'sh', step.command, ...step.args], {
      env: { ...process.env, ...step.env },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    })
    running.add(child)
    const chunks: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if (isLoud) process.stdout.write(chunk)
      })
    }
    let times = ''
    child.stdio[3]?.on('data', (chunk: Buffer) => (times += chunk.toString()))
    let stopped: string | null = null
    const watch = watchLimits(step, (limit) => {
      stopped = limit
      killGroup(child, 'SIGKILL')
    })
    child.on('error', (error) => {
      clearInterval(watch)
      running.delete(child)
      reject(error)
    })
    child.on('close', (code) => {
      clearInterval(watch)
      running.delete(child)
      const output = Buffer.concat(chunks).toString('utf8')
      resolve({ code: code ?? 1, output, processorMs: parseChildrenMs(times), stopped })
    })
  })
}

/** Calls `stop` once, with the limit that the step has reached. */
function watchLimits({ limits, tests }: Step, stop: (limit: string) => void): NodeJS.Timeout | undefined {
  if (!limits) return undefined
  const { totalMs, stallMs } = limits
  const startedAtMs = performance.now()
  let [events, eventAtMs] = [0, startedAtMs]
  const watch = setInterval(() => {
    const nowMs = performance.now()
    const bytes = tests && existsSync(tests.events) ? statSync(tests.events).size : 0
    if (bytes !== events) [events, eventAtMs] = [bytes, nowMs]
    const limit =
      nowMs - startedAtMs >= totalMs
        ? `after ${formatSeconds(totalMs)}`
        : tests && nowMs - eventAtMs >= (events === 0 ? Math.max(stallMs, START_MS) : stallMs)
          ? `because no test had ended for ${formatSeconds(stallMs)}`
          : null
    if (limit === null) return
    clearInterval(watch)
    stop(limit)
  }, CHECK_INTERVAL_MS)
  return watch
}

function formatSeconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // The group has ended already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The user and system time of ended child processes: the second line, such as `1m2.530000s 0m0.400000s`. */
function parseChildrenMs(times: string): number | null {
  const parts = [...(times.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)]
  if (parts.length !== 2) return null
  return parts.reduce((sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000, 0)
}
