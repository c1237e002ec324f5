import { rmSync } from 'node:fs'
import { type FileReports, readFileReports } from '../test-files/file-events.ts'
import { type ProgramEnd, runProgram } from './run-program.ts'
import { type Failure, toFailure } from './failure.ts'
import type { Step, StepRun } from './step.ts'

/**
 * Runs steps in order, `width` at a time; one that fails does not keep the next from running. Each step prints its name
 * when it starts and its result when it ends; on a terminal, the elapsed time of running steps is shown too. The output
 * of a step is shown when it failed, or as it comes if `isLoud`.
 */
export async function runSteps(steps: readonly Step[], { width = 1, isLoud = false } = {}): Promise<StepRun[]> {
  const runs: StepRun[] = []
  const waiting = [...steps]
  const ticker = new Ticker({ isShown: process.stdout.isTTY && !isLoud })
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let step = waiting.shift(); step; step = waiting.shift()) {
        runs.push(await runStep(step, isLoud, ticker))
      }
    }),
  )
  return runs
}

async function runStep(step: Step, isLoud: boolean, ticker: Ticker): Promise<StepRun> {
  // A killed run writes no events: those of an earlier run must not be read for it.
  if (step.tests) rmSync(step.tests.events, { force: true })
  ticker.print(`… ${step.name}`)
  ticker.start(step.name)
  const end = await runProgram(step, { isLoud })
  const wallMs = ticker.finish(step.name)
  const reports = step.tests ? readFileReports(step.tests.events) : null
  const files = reports?.files ?? []
  const failures = listFailures(step, end, reports)
  const isFailed = failures.length > 0 || files.some(({ failures }) => failures.length > 0)
  ticker.print(`${isFailed ? '✗' : '✓'} ${step.name}  ${(wallMs / 1000).toFixed(1)} s`)
  if (isFailed && !isLoud) ticker.print(end.output)
  return { step, wallMs, processorMs: end.processorMs, failures, files }
}

/** Lists failures that belong to no test file. */
function listFailures(step: Step, { code, output, stopped }: ProgramEnd, reports: FileReports | null): Failure[] {
  const { files = [], problems = [], isComplete = false } = reports ?? {}
  const lastLines = output.trimEnd().split('\n').slice(-12).join('\n')
  const hasUnfinished = files.some(({ state }) => state !== 'ended')
  // A crashed process is a problem of the runner, too, and already counted as files that did not end.
  if (hasUnfinished) return []
  if (problems.length > 0) return [...problems]
  if (stopped !== null) return [toFailure(step.name, `It was stopped ${stopped}.\n${lastLines}`)]
  if (step.tests && !isComplete) return [toFailure(step.name, `It reported no end of its tests.\n${lastLines}`)]
  if (step.isEmpty?.(output) === true) return [toFailure(step.name, `It found nothing to check.\n${lastLines}`)]
  // A runner that failed for another reason than a test, such as coverage, must not count as passed.
  const hasFailedTest = files.some(({ failures }) => failures.length > 0)
  return code !== 0 && !hasFailedTest ? [toFailure(step.name, lastLines)] : []
}

/** Prints permanent lines, and below them one that shows the running step. */
class Ticker {
  readonly #startedAtMs = new Map<string, number>()
  #timer: NodeJS.Timeout | null = null
  readonly #isShown: boolean

  constructor({ isShown }: { isShown: boolean }) {
    this.#isShown = isShown
  }

  print(text: string): void {
    this.#clear()
    console.log(text)
  }

  start(name: string): void {
    this.#startedAtMs.set(name, performance.now())
    if (this.#isShown) this.#timer ??= setInterval(() => this.#draw(), 1000)
  }

  /** @returns how many milliseconds it took */
  finish(name: string): number {
    const ms = this.#elapsedMs(name)
    this.#startedAtMs.delete(name)
    if (this.#startedAtMs.size === 0 && this.#timer) {
      clearInterval(this.#timer)
      this.#timer = null
    }
    return ms
  }

  #elapsedMs(name: string): number {
    return performance.now() - (this.#startedAtMs.get(name) ?? Number.NaN)
  }

  #draw(): void {
    const running = [...this.#startedAtMs.keys()].map((name) => `${name} ${Math.floor(this.#elapsedMs(name) / 1000)} s`)
    this.#clear()
    process.stdout.write(running.join(' · '))
  }

  #clear(): void {
    if (this.#isShown) process.stdout.write('\r\x1b[K')
  }
}
