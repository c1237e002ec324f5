import { CacheFile } from './cache-file.ts'
import type { ListedFault } from './listed-faults.ts'
import type { Reach } from './reach.ts'
import type { FileResult, TestFile, TestProcess } from './test-process.ts'

/** By fault and test file: null when the test passes in spite of the fault, otherwise how it fails. */
type Verdict = { error: string | null }

export type Outcome = { fault: ListedFault; caughtBy: TestFile | null; error: string | null; testCount: number }

/** A fault may make tests slower before it counts as an endless loop, and the machine may be busy. */
const SLOWDOWN = 8
const MIN_TIMEOUT_MS = 120_000

/** A failure that a busy machine can cause as well. */
const MIGHT_BE_SLOW = /timed? ?out|ECONN|EADDR|EBUSY|the process of the tests ended/i

/** Runs test files with a fault in effect, and remembers the results. */
export class Verdicts {
  readonly #cache: CacheFile<Verdict>
  readonly #reach: Reach

  constructor(folder: string, reach: Reach) {
    this.#cache = new CacheFile(`${folder}/verdicts.json`)
    this.#reach = reach
  }

  /** The outcome of a fault by earlier runs. Null while some test that reaches it has not run. */
  known(fault: ListedFault, files: readonly TestFile[]): Outcome | null {
    const tests = this.#reach.testsOf(fault, files)
    for (const file of tests) {
      const verdict = this.#find(fault, file)
      if (verdict && verdict.error !== null)
        return { fault, caughtBy: file, error: verdict.error, testCount: tests.length }
    }
    if (tests.some((file) => !this.#find(fault, file))) return null
    return { fault, caughtBy: null, error: null, testCount: tests.length }
  }

  /** Runs the files until one fails, except those that are known to pass. */
  async judge(fault: ListedFault, files: readonly TestFile[], tests: TestProcess): Promise<void> {
    for (;;) {
      if (this.known(fault, files)) return
      const waiting = this.#reach.testsOf(fault, files).filter((file) => !this.#find(fault, file))
      const failed = await this.#runUntilFailure(fault, waiting, tests)
      if (!failed) return
      const isCaught = !MIGHT_BE_SLOW.test(failed.error ?? '') || (await this.#passesWithout(failed, tests))
      this.#cache.entries.set(this.#keyOf(fault, failed), { error: isCaught ? failed.error : null })
      this.#cache.save()
      if (isCaught) return
    }
  }

  async #runUntilFailure(
    fault: ListedFault,
    files: readonly TestFile[],
    tests: TestProcess,
  ): Promise<FileResult | null> {
    const expectedMs = files.reduce((sum, file) => sum + this.#reach.durationMs(file), 0)
    const { results, isTimedOut, error } = await tests.run(
      { files, isStoppedByFailure: true },
      { seeded: fault.number, reachFolder: null },
      MIN_TIMEOUT_MS + SLOWDOWN * expectedMs,
    )
    for (const file of results)
      if (file.error === null) this.#cache.entries.set(this.#keyOf(fault, file), { error: null })
    this.#cache.save()
    const failed = results.find((file) => file.error !== null)
    if (failed) return failed
    const unfinished = files.find(
      ({ file, project }) => !results.some((one) => one.file === file && one.project === project),
    )
    // The file that hung, or that failed outside its tests.
    const last = unfinished ?? files.at(-1)
    if (isTimedOut && last) return { ...last, durationMs: 0, error: 'did not end, and was timed out' }
    return error !== null && last ? { ...last, durationMs: 0, error } : null
  }

  async #passesWithout(file: TestFile, tests: TestProcess): Promise<boolean> {
    const { results, isTimedOut, error } = await tests.run(
      { files: [file], isStoppedByFailure: true },
      { seeded: null, reachFolder: null },
      MIN_TIMEOUT_MS + SLOWDOWN * this.#reach.durationMs(file),
    )
    return !isTimedOut && error === null && results.every((one) => one.error === null)
  }

  #find(fault: ListedFault, file: TestFile): Verdict | undefined {
    return this.#cache.entries.get(this.#keyOf(fault, file))
  }

  #keyOf(fault: ListedFault, file: TestFile): string {
    return `${this.#reach.keyOf(file)} ${fault.id}`
  }
}
