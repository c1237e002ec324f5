import type { FullConfig, Reporter, Suite, TestCase, TestError, TestResult } from '@playwright/test/reporter'
import { type Failure, toFailure } from '../steps/failure.ts'
import { FileEventLog, relativeFile } from './file-events.ts'

/** Reports to the runner of steps what became of each spec. */
export default class PlaywrightReporter implements Reporter {
  readonly #log = new FileEventLog()
  readonly #specs = new Map<string, Spec>()
  readonly #problems: string[] = []

  onBegin(_config: FullConfig, suite: Suite): void {
    for (const test of suite.allTests()) {
      const file = relativeFile(test.location.file)
      const spec = this.#specs.get(file) ?? { left: 0, isStarted: false, wallMs: 0, passed: 0, failures: [] }
      spec.left += 1
      this.#specs.set(file, spec)
    }
    this.#log.write({ kind: 'planned', files: [...this.#specs.keys()].map((file) => ({ file, project: '' })) })
  }

  onTestBegin(test: TestCase): void {
    const [file, spec] = this.#specOf(test)
    if (spec.isStarted) return
    spec.isStarted = true
    this.#log.write({ kind: 'started', file, project: '' })
  }

  onTestEnd(test: TestCase, { duration, errors }: TestResult): void {
    const [file, spec] = this.#specOf(test)
    spec.left -= 1
    spec.wallMs += duration
    const outcome = test.outcome()
    if (outcome === 'expected') spec.passed += 1
    if (outcome === 'unexpected' || outcome === 'flaky') {
      spec.failures.push(
        toFailure(`${file}: ${test.title}`, errors.map(({ message }) => message ?? 'no message').join('\n')),
      )
    }
    this.#log.writeProgress()
    if (spec.left > 0) return
    const { wallMs, passed, failures } = spec
    this.#log.write({ kind: 'ended', file, project: '', passed, failures, wallMs, processorMs: null })
  }

  /** An error outside of tests, as of the global setup. */
  onError({ message, stack }: TestError): void {
    this.#problems.push(stack ?? message ?? 'no message')
  }

  onEnd(): void {
    this.#log.write({ kind: 'complete', problems: this.#problems })
  }

  printsToStdio(): boolean {
    return false
  }

  #specOf({ location }: TestCase): [string, Spec] {
    const file = relativeFile(location.file)
    const spec = this.#specs.get(file)
    if (!spec) throw new Error(`${file} was not planned.`)
    return [file, spec]
  }
}

/** `left`: tests that have not ended; `failures`: one for each test that failed. */
type Spec = {
  left: number
  isStarted: boolean
  wallMs: number
  passed: number
  failures: Failure[]
}
