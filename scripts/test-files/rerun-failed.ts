import { runSteps } from '../steps/run-steps.ts'
import type { Failure } from '../steps/failure.ts'
import type { Step, StepRun } from '../steps/step.ts'
import { type FileRun, isSameFile } from './file-run.ts'

/** A test file that failed in a run and passed alone; `failure` is its first. */
export type FlakyFile = { file: FileRun; failure: Failure }

/** All reruns of a run together take at most this long. */
const RERUN_LIMIT_MS = 180_000

/**
 * Runs each test file that failed again, alone, and once. Files that did not run, because the process before them
 * crashed or hung, first run together. A file that passes alone is flaky, unless it had never run before.
 *
 * @param runs the steps of a run, which all have ended
 * @returns the steps with what became of their files in the end, followed by the steps of the reruns
 */
export async function rerunFailed(
  runs: readonly StepRun[],
  { limitMs = RERUN_LIMIT_MS } = {},
): Promise<{ runs: StepRun[]; flaky: FlakyFile[] }> {
  const reruns = new Reruns(limitMs)
  const flaky: FlakyFile[] = []
  const settled: StepRun[] = []
  for (const run of runs) {
    // If no file ended, the runner itself failed.
    if (run.files.every(({ state }) => state === 'not run')) {
      settled.push(run)
      continue
    }
    const late = await reruns.run(
      run.step,
      run.files.filter(({ state }) => state === 'not run'),
    )
    const files: FileRun[] = []
    for (const file of run.files.map((one) => late.get(one) ?? one)) {
      const alone = file.failures.length > 0 ? (await reruns.run(run.step, [file])).get(file) : undefined
      const hasPassed = alone?.state === 'ended' && alone.failures.length === 0 && alone.passed > 0
      if (hasPassed && file.state !== 'not run') flaky.push({ file, failure: firstFailure(file) })
      // A file that fails again keeps its first failures, because those of a run alone may be others.
      files.push(hasPassed ? alone : reruns.hasTime || alone ? file : withoutTime(file, limitMs))
    }
    settled.push({ ...run, files })
  }
  return { runs: [...settled, ...reruns.runs], flaky }
}

/** The reruns of a run, until their time is over. */
class Reruns {
  readonly runs: StepRun[] = []
  readonly #endsAtMs: number

  constructor(limitMs: number) {
    this.#endsAtMs = performance.now() + limitMs
  }

  get hasTime(): boolean {
    return this.#endsAtMs > performance.now()
  }

  /** Runs files of a step in one process. @returns what became of those for which there was time */
  async run(step: Step, files: readonly FileRun[]): Promise<Map<FileRun, FileRun>> {
    const leftMs = this.#endsAtMs - performance.now()
    const rerun = step.tests?.rerun
    if (!rerun || files.length === 0 || leftMs <= 0) return new Map()
    const again = rerun(files)
    const stallMs = again.limits?.stallMs ?? leftMs
    const [run] = await runSteps([{ ...again, limits: { totalMs: leftMs, stallMs } }])
    // Its files are counted for the step that they belong to.
    if (run) this.runs.push({ ...run, files: [] })
    return new Map(
      files.flatMap((file) => {
        const after = run?.files.find((other) => isSameFile(other, file))
        return after ? [[file, after]] : []
      }),
    )
  }
}

function withoutTime(file: FileRun, limitMs: number): FileRun {
  const [first, ...others] = file.failures
  if (!first) return file
  const reason = `${first.reason}\n(not run again: the reruns had taken ${Math.round(limitMs / 1000)} s)`
  return { ...file, failures: [{ ...first, reason }, ...others] }
}

function firstFailure({ file, failures }: FileRun): Failure {
  return failures[0] ?? { name: file, reason: 'it failed' }
}
