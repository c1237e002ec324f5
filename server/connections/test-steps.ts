import 'server-only'
import { type ConnectionTest, TEST_STEPS } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import { rejectOnAbort } from '@/lib/reject-on-abort'
import type { Log } from '@/server/log'
import { clock } from '@/server/timing/clock'

type Step = (typeof TEST_STEPS)[number]
type StepResult = ConnectionTest['steps'][number]

/** A step that takes longer than this has failed. */
export const STEP_TIMEOUT_MS = 8_000

/** Collects results step by step. After the first failure the remaining steps are skipped. */
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

  pass(step: Step, detail: string): void {
    this.#results.set(step, { step, state: 'ok', detail })
  }

  skip(step: Step, detail: string): void {
    this.#results.set(step, { step, state: 'skipped', detail })
  }

  fail(step: Step, detail: string): void {
    this.#results.set(step, { step, state: 'failed', detail })
  }

  /**
   * Runs the work of a step, unless an earlier step failed. Returns null when it did not finish.
   *
   * @param toFailure the step and the message for a failure; by default this step and the error's message
   */
  async attempt<Result>(
    step: Step,
    work: (signal: AbortSignal) => Promise<Result>,
    toFailure: (error: AppError) => { step: Step; detail: string } = ({ message }) => ({ step, detail: message }),
  ): Promise<Result | null> {
    if (this.hasFailed) return null
    const signal = AbortSignal.any([this.#signal, clock.deadline(this.#stepTimeoutMs)])
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

  /** All steps in order; a step that was not reached is skipped. */
  result(atMs: number): ConnectionTest {
    return {
      atMs,
      steps: TEST_STEPS.map((step) => this.#results.get(step) ?? { step, state: 'skipped', detail: 'Skipped.' }),
    }
  }
}
