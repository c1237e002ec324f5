import type { FlakyFile } from '../test-files/rerun-failed.ts'
import { fileLabel } from '../test-files/file-run.ts'
import { formatTimes } from './run-times.ts'
import { type Failure, toFailure } from './failure.ts'
import type { StepRun } from './step.ts'

export type RunReport = {
  runs: readonly StepRun[]
  flaky?: readonly FlakyFile[]
  /** Flaky files whose cause should have been mended: they fail the run. */
  overdue?: readonly Failure[]
}

type Counts = { passed: number; failed: number; failures: readonly Failure[] }

const MAX_SHOWN_FAILURES = 30
/** More flaky files than this fail a run: the cause is no longer an exception. */
export const MAX_FLAKY_FILES = 3

/** How many tests passed and failed. A step without tests counts as one. */
export function countResults({ runs, flaky = [], overdue = [] }: RunReport): Counts {
  const failures = [...runs.flatMap(listFailures), ...tooManyFlaky(flaky), ...overdue]
  const passed = runs.map(({ step, files, failures: own }) =>
    step.tests ? files.reduce((sum, file) => sum + file.passed, 0) : Number(own.length === 0),
  )
  return { passed: passed.reduce((sum, count) => sum + count, 0), failed: failures.length, failures }
}

function listFailures({ files, failures }: StepRun): Failure[] {
  return [...files.flatMap((file) => file.failures), ...failures]
}

function tooManyFlaky(flaky: readonly FlakyFile[]): Failure[] {
  if (flaky.length <= MAX_FLAKY_FILES) return []
  return [toFailure('flaky files', `${flaky.length} files failed and passed alone; at most ${MAX_FLAKY_FILES} may.`)]
}

/**
 * The text that ends a run: how long its parts took, every failure again, because thousands of lines may separate a
 * failure from the end, then each flaky file with its first failure, and then the counts.
 */
export function formatReport(report: RunReport): string {
  const { runs, flaky = [] } = report
  const { passed, failed, failures } = countResults(report)
  const times = formatTimes(
    runs.map(({ step, wallMs, processorMs }) => ({ step: step.name, wallMs, processorMs })),
    runs.flatMap(({ files }) => files.filter(({ state }) => state === 'ended')),
  )
  const shown = failures.slice(0, MAX_SHOWN_FAILURES)
  const rest = failures.length - shown.length
  return [
    ...(times === '' ? [] : [times]),
    ...shown.map((failure) => formatFailure('✗', failure)),
    ...(rest > 0 ? [`✗ and ${rest} more\n`] : []),
    ...flaky.map(({ file, failure: { name, reason } }) =>
      formatFailure('~', {
        name: `${fileLabel(file)} is flaky: it failed and passed alone`,
        reason: `${name}\n${reason}`,
      }),
    ),
    ...(flaky.length > 0 ? [`${flaky.length} flaky ${flaky.length === 1 ? 'file' : 'files'}`] : []),
    `${passed} passed, ${failed} failed`,
  ].join('\n')
}

function formatFailure(mark: string, { name, reason }: Failure): string {
  return `${mark} ${name}\n${reason.replaceAll(/^/gm, '    ')}\n`
}

/** The exit code of a run. A run without a passed test checked nothing, so it has failed too. */
export function exitCodeOf(report: RunReport): 0 | 1 {
  const { passed, failed } = countResults(report)
  return failed > 0 || passed === 0 ? 1 : 0
}
