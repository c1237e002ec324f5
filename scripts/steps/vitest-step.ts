import { EVENTS_VARIABLE } from '../test-files/file-events.ts'
import type { Step, StepLimits } from './step.ts'

export type VitestOptions = {
  command?: 'run' | 'related'
  /** Measures coverage, which is complete only if all tests pass, so no file of the step runs again. */
  hasCoverage?: boolean
  /** Added to the command line. */
  args?: readonly string[]
  limits?: StepLimits
}

/** A test waits up to four minutes in CI (`vitest.config.ts`). */
const DEFAULT_LIMITS: StepLimits = { totalMs: 20 * 60_000, stallMs: 6 * 60_000 }

/** A step of Vitest over the named projects. */
export function vitestStep(
  name: string,
  projects: readonly string[],
  { command = 'run', hasCoverage = false, args = [], limits = DEFAULT_LIMITS }: VitestOptions = {},
): Step {
  const events = `.cache/vitest-${name.replaceAll(/[^a-z0-9.]+/gi, '-')}.events`
  return {
    name,
    command: 'npx',
    args: [
      'vitest',
      command,
      ...projects.flatMap((project) => ['--project', project]),
      ...(hasCoverage ? ['--coverage'] : []),
      '--reporter=default',
      '--reporter=./scripts/test-files/vitest-reporter.ts',
      ...args,
    ],
    // Functions from the cache of compiled scripts would be counted as not covered.
    env: { [EVENTS_VARIABLE]: events, ...(hasCoverage && { NODE_DISABLE_COMPILE_CACHE: '1' }) },
    limits,
    tests: {
      events,
      rerun: hasCoverage
        ? null
        : (files) => {
            const paths = files.map(({ file }) => file)
            const title = files.length === 1 ? (paths[0] ?? '') : `${files.length} files that did not run`
            return vitestStep(`again: ${title}`, [...new Set(files.map(({ project }) => project))], { args: paths })
          },
    },
  }
}
