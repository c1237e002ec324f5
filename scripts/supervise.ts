import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * Keeps processes running: a process that ends without being stopped is started again, after a pause that grows with
 * every death. After too many deaths in a short time the supervisor gives up.
 */

export type ProcessSpec = {
  /** As the subject of a sentence: "The worker". */
  name: string
  command: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  stdout: 'ignore' | 'inherit'
}

export type SupervisionLimits = {
  /** Before the first restart. Each further pause is twice as long. */
  firstPauseMs: number
  maxPauseMs: number
  /** After this many deaths of one process within the window, all processes are stopped. */
  maxDeaths: number
  windowMs: number
  /** A process that has not ended this long after SIGTERM is killed. */
  graceMs: number
}

export type Supervision = {
  /** Stops all processes without restarting them. */
  stop: () => void
  /**
   * Resolves when every process has ended: 0 when all stopped as requested, 1 when one of them was given up, failed
   * while it stopped or had to be killed.
   */
  ended: Promise<number>
}

const LIMITS: SupervisionLimits = {
  firstPauseMs: 500,
  maxPauseMs: 30_000,
  maxDeaths: 8,
  windowMs: 5 * 60_000,
  graceMs: 15_000,
}

/**
 * Starts the processes and keeps them running. Each gets a channel to this process: the channel closes when this
 * process dies, even by SIGKILL.
 *
 * @param report receives a sentence about every death
 */
export function supervise(
  specs: readonly ProcessSpec[],
  report: (sentence: string) => void,
  { firstPauseMs, maxPauseMs, maxDeaths, windowMs, graceMs }: SupervisionLimits = LIMITS,
): Supervision {
  const stopping = new AbortController()
  const running = new Map<ProcessSpec, ChildProcess>()

  function stop(): void {
    if (stopping.signal.aborted) return
    stopping.abort()
    for (const child of running.values()) child.kill('SIGTERM')
    setTimeout(() => {
      for (const [{ name }, child] of running) {
        report(`${name} did not stop within ${graceMs / 1000} s and is killed.`)
        child.kill('SIGKILL')
      }
    }, graceMs).unref()
  }

  /** @returns whether it stopped as requested */
  async function keepRunning(spec: ProcessSpec): Promise<boolean> {
    let deathsAtMs: number[] = []
    for (;;) {
      const end = await runOnce(spec, running)
      if (stopping.signal.aborted) return end === 'with code 0' || end === 'by SIGTERM'
      const nowMs = performance.now()
      deathsAtMs = [...deathsAtMs.filter((atMs) => nowMs - atMs < windowMs), nowMs]
      const deaths = deathsAtMs.length
      if (deaths >= maxDeaths) {
        report(
          `${spec.name} ended ${end}, and has ended ${deaths} times within ${windowMs / 60_000} minutes: Lakeshore gives ` +
            'up and stops. Why it ended is in the log above, on standard error; under systemd, journalctl shows it.',
        )
        stop()
        return false
      }
      const pauseMs = Math.min(firstPauseMs * 2 ** (deaths - 1), maxPauseMs)
      report(`${spec.name} ended ${end} and is started again in ${pauseMs / 1000} s.`)
      // Rejects only when it is aborted.
      await pause(pauseMs, null, { signal: stopping.signal }).catch(() => null)
      if (stopping.signal.aborted) return true
    }
  }

  const ended = Promise.all(specs.map(keepRunning)).then((ends) => (ends.every(Boolean) ? 0 : 1))
  return { stop, ended }
}

/** @returns how it ended, as the end of a sentence: "with code 1", "by SIGKILL" */
function runOnce(spec: ProcessSpec, running: Map<ProcessSpec, ChildProcess>): Promise<string> {
  const { command, args, env, stdout } = spec
  const child = spawn(command, args, { env, stdio: ['ignore', stdout, 'inherit', 'ipc'] })
  running.set(spec, child)
  return new Promise((resolve) => {
    const finish = (how: string) => {
      running.delete(spec)
      resolve(how)
    }
    child.once('error', (error) => {
      // A process that could not be started never exits. For one that runs, a signal could not be sent.
      if (child.pid === undefined) finish(`before it began (${error.message})`)
    })
    child.once('exit', (code, signal) => finish(code === null ? `by ${signal}` : `with code ${code}`))
  })
}
