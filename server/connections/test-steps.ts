import 'server-only'
import { type ConnectionTest, TEST_STEPS } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import { rejectOnAbort } from '@/lib/reject-on-abort'
import type { Log } from '@/server/log'

type Step = (typeof TEST_STEPS)[number]
type StepResult = ConnectionTest['steps'][number]

/** A step longer than this has failed. */
export const STEP_TIMEOUT_MS = 8_000

/** What is found step by step. After the first failure the others are not tried. */
export class TestSteps {
  readonly #log: Log
  readonly #results = new Map<Step, StepResult>()
  readonly #signal: AbortSignal
  readonly #stepTimeoutMs: number

  constructor(log: Log, signal: AbortSignal, stepTimeoutMs = STEP_TIMEOUT_MS) {
    this.#log = log
    this.#signal = signal
    this.#stepTimeoutMs = stepTimeoutMs
  }

  get hasFailed(): boolean {
    return [...this.#results.values()].some(({ state }) => state === 'failed')
  }

  ok(step: Step, detail: string): void {
    this.#results.set(step, { step, state: 'ok', detail })
  }

  skip(step: Step, detail: string): void {
    this.#results.set(step, { step, state: 'skipped', detail })
  }

  fail(step: Step, detail: string): void {
    this.#results.set(step, { step, state: 'failed', detail })
  }

  /**
   * Work of a step, unless one before it failed. Null when it was not done to its end.
   *
   * @param toFailure which step a failure belongs to and in what words; the step itself in the error's when left out
   */
  async attempt<Result>(
    step: Step,
    work: (signal: AbortSignal) => Promise<Result>,
    toFailure: (error: AppError) => { step: Step; detail: string } = ({ message }) => ({ step, detail: message }),
  ): Promise<Result | null> {
    if (this.hasFailed) return null
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(this.#stepTimeoutMs)])
    try {
      return await rejectOnAbort(work(signal), signal)
    } catch (error) {
      if (this.#signal.aborted) throw error
      if (signal.aborted) this.fail(step, `No answer within ${this.#stepTimeoutMs / 1000} s.`)
      else if (error instanceof AppError) {
        const failure = toFailure(error)
        this.fail(failure.step, failure.detail)
      } else {
        this.#log.error(error)
        this.fail(step, 'An unexpected error was logged.')
      }
      return null
    }
  }

  /** All steps in their order; one that was not come to is skipped. */
  result(atMs: number): ConnectionTest {
    return {
      atMs,
      steps: TEST_STEPS.map((step) => this.#results.get(step) ?? { step, state: 'skipped', detail: 'Not come to.' }),
    }
  }
}
