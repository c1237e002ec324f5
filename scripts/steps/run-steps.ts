import { spawn } from 'node:child_process'
import { sumTallies, toFailure, type Tally } from './tally.ts'

export type Step = {
  name: string
  command: string
  args: readonly string[]
  env?: Record<string, string>
  /** Reads the counts from the report of the step, null if it wrote none; without it the step counts as one. */
  tally?: () => Tally | null
  /** Whether the step had nothing to check, by its output: that is a failure. */
  isEmpty?: (output: string) => boolean
}

/**
 * Runs steps in order, `width` at a time. Each step prints its name when it starts and its result when it ends; on a
 * terminal, the elapsed time of running steps is shown too. The output of a step is shown when it failed, or as it
 * comes if `isLoud`.
 */
export async function runSteps(steps: readonly Step[], { width = 1, isLoud = false } = {}): Promise<Tally> {
  const tallies: Tally[] = []
  const waiting = [...steps]
  const ticker = new Ticker({ isShown: process.stdout.isTTY && !isLoud })
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let step = waiting.shift(); step; step = waiting.shift()) {
        tallies.push(await runStep(step, isLoud, ticker))
      }
    }),
  )
  return sumTallies(tallies)
}

async function runStep(step: Step, isLoud: boolean, ticker: Ticker): Promise<Tally> {
  ticker.print(`… ${step.name}`)
  ticker.start(step.name)
  const { code, output, processorMs } = await run(step, isLoud)
  const wallMs = ticker.finish(step.name)
  const report = step.tally?.()
  const isEmpty = step.isEmpty?.(output) === true || report === null
  const isFailed = code !== 0 || isEmpty
  const tally = toTally(step, report, isFailed, output)
  ticker.print(`${isFailed ? '✗' : '✓'} ${step.name}  ${(wallMs / 1000).toFixed(1)} s`)
  if (isFailed && !isLoud) ticker.print(output)
  if (isEmpty && code === 0) ticker.print(`${step.name} found nothing to check.`)
  return { ...tally, steps: [{ step: step.name, wallMs, processorMs }] }
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

function toTally(step: Step, report: Tally | null | undefined, isFailed: boolean, output: string): Tally {
  const tally = report ?? { passed: isFailed ? 0 : 1, failed: 0, failures: [] }
  if (!isFailed || tally.failed > 0) return tally
  // A runner that failed for another reason than a test (coverage, a crash) must not count as passed.
  const lastLines = output.trimEnd().split('\n').slice(-12).join('\n')
  return { ...tally, failed: 1, failures: [...tally.failures, toFailure(step.name, lastLines)] }
}

/** Runs the command and writes to file descriptor 3 how long it computed, in the form of the POSIX utility `times`. */
const MEASURED = '"$@" 3>&-; code=$?; times >&3; exit $code'

type RunEnd = { code: number; output: string; processorMs: number | null }

function run(step: Step, isLoud: boolean): Promise<RunEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', MEASURED, 'sh', step.command, ...step.args], {
      env: { ...process.env, ...step.env },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    const chunks: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if (isLoud) process.stdout.write(chunk)
      })
    }
    let times = ''
    child.stdio[3]?.on('data', (chunk: Buffer) => (times += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({
        code: code ?? 1,
        output: Buffer.concat(chunks).toString('utf8'),
        processorMs: parseChildrenMs(times),
      }),
    )
  })
}

/** The user and system time of ended child processes: the second line, such as `1m2.530000s 0m0.400000s`. */
function parseChildrenMs(times: string): number | null {
  const parts = [...(times.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)]
  if (parts.length !== 2) return null
  return parts.reduce((sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000, 0)
}
