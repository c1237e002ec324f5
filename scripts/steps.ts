import { spawn } from 'node:child_process'

/** How many tests passed and failed; for a step without tests, the step itself. */
export type Tally = { passed: number; failed: number }

export type Step = {
  name: string
  command: string
  args: readonly string[]
  env?: Record<string, string>
  /** Reads the counts from what the step left behind; without it the step counts as one. */
  tally?: () => Tally
  /** Whether the step had nothing to check, by its output: that is a failure. */
  isEmpty?: (output: string) => boolean
}

/**
 * Runs steps in order, `width` at a time. Each step prints its name when it starts and its result when it ends; on a
 * terminal, the elapsed time of running steps is shown too. The output of a step is shown when it failed, or as it
 * comes if `isLoud`.
 */
export async function runSteps(steps: readonly Step[], { width = 1, isLoud = false } = {}): Promise<Tally> {
  const total: Tally = { passed: 0, failed: 0 }
  const waiting = [...steps]
  const ticker = new Ticker({ isShown: process.stdout.isTTY && !isLoud })
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let step = waiting.shift(); step; step = waiting.shift()) {
        const { passed, failed } = await runStep(step, isLoud, ticker)
        total.passed += passed
        total.failed += failed
      }
    }),
  )
  return total
}

async function runStep(step: Step, isLoud: boolean, ticker: Ticker): Promise<Tally> {
  ticker.say(`… ${step.name}`)
  ticker.start(step.name)
  const { code, output } = await run(step, isLoud)
  const seconds = ticker.finish(step.name)
  const isFailed = code !== 0 || step.isEmpty?.(output) === true
  const tally = toTally(step, isFailed)
  ticker.say(`${isFailed ? '✗' : '✓'} ${step.name}  ${seconds.toFixed(1)} s`)
  if (isFailed && !isLoud) ticker.say(output)
  if (isFailed && code === 0) ticker.say(`${step.name} found nothing to check.`)
  return tally
}

/** Prints permanent lines, and below them one that shows what is running. */
class Ticker {
  readonly #startedAtMs = new Map<string, number>()
  #timer: NodeJS.Timeout | null = null
  readonly #isShown: boolean

  constructor({ isShown }: { isShown: boolean }) {
    this.#isShown = isShown
  }

  say(text: string): void {
    this.#clear()
    console.log(text)
  }

  start(name: string): void {
    this.#startedAtMs.set(name, performance.now())
    if (this.#isShown) this.#timer ??= setInterval(() => this.#draw(), 1000)
  }

  /** @returns how many seconds it took */
  finish(name: string): number {
    const seconds = this.#elapsedSeconds(name)
    this.#startedAtMs.delete(name)
    if (this.#startedAtMs.size === 0 && this.#timer) {
      clearInterval(this.#timer)
      this.#timer = null
    }
    return seconds
  }

  #elapsedSeconds(name: string): number {
    return (performance.now() - (this.#startedAtMs.get(name) ?? Number.NaN)) / 1000
  }

  #draw(): void {
    const running = [...this.#startedAtMs.keys()].map((name) => `${name} ${Math.floor(this.#elapsedSeconds(name))} s`)
    this.#clear()
    process.stdout.write(running.join(' · '))
  }

  #clear(): void {
    if (this.#isShown) process.stdout.write('\r\x1b[K')
  }
}

function toTally(step: Step, isFailed: boolean): Tally {
  const stepTally: Tally = isFailed ? { passed: 0, failed: 1 } : { passed: 1, failed: 0 }
  if (!step.tally) return stepTally
  const tally = step.tally()
  // A runner that failed for another reason than a test (coverage, a crash) must not count as passed.
  return isFailed && tally.failed === 0 ? { ...tally, failed: 1 } : tally
}

function run(step: Step, isLoud: boolean): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(step.command, step.args, {
      env: { ...process.env, ...step.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const chunks: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if (isLoud) process.stdout.write(chunk)
      })
    }
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }))
  })
}
