import { formatTimes, type FileTime, type StepTime } from './run-times.ts'

/** A test, or a step without tests, that failed; `reason` is the first lines of its output. */
export type Failure = { name: string; reason: string }

/** How many tests passed and failed; for a step without tests, the step itself. */
export type Tally = {
  passed: number
  failed: number
  failures: readonly Failure[]
  steps?: readonly StepTime[]
  /** How long the test files took. */
  files?: readonly FileTime[]
}

const MAX_REASON_LINES = 12
const MAX_SHOWN_FAILURES = 30
const ESCAPE_CODES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

export function sumTallies(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, tally) => sum + tally.passed, 0),
    failed: tallies.reduce((sum, tally) => sum + tally.failed, 0),
    failures: tallies.flatMap((tally) => tally.failures),
    steps: tallies.flatMap((tally) => tally.steps ?? []),
    files: tallies.flatMap((tally) => tally.files ?? []),
  }
}

/** @param output of a test or a step, with or without colours */
export function toFailure(name: string, output: string): Failure {
  const lines = output.replace(ESCAPE_CODES, '').trim().split('\n')
  return { name, reason: lines.slice(0, MAX_REASON_LINES).join('\n') }
}

/**
 * The text that ends a run: how long its parts took, every failure again, because thousands of lines may separate a
 * failure from the end, and then the counts.
 */
export function formatTally({ passed, failed, failures, steps = [], files = [] }: Tally): string {
  const times = formatTimes(steps, files)
  const shown = failures.slice(0, MAX_SHOWN_FAILURES)
  const rest = failures.length - shown.length
  return [
    ...(times === '' ? [] : [times]),
    ...shown.map(({ name, reason }) => `✗ ${name}\n${reason.replaceAll(/^/gm, '    ')}\n`),
    ...(rest > 0 ? [`✗ and ${rest} more\n`] : []),
    `${passed} passed, ${failed} failed`,
  ].join('\n')
}

/** The exit code of a run. A run without a passed test checked nothing, so it has failed too. */
export function exitCodeOf({ passed, failed }: Tally): 0 | 1 {
  return failed > 0 || passed === 0 ? 1 : 0
}
