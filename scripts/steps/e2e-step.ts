import { existsSync, readFileSync, rmSync } from 'node:fs'
import type { FileTime } from './run-times.ts'
import type { Step } from './run-steps.ts'
import { toFailure, type Failure, type Tally } from './tally.ts'

/** Which tests run unless specs are named: the main flow of most specs, all flows, or every page and state. */
export type EndToEndScope = 'journeys' | 'flows' | 'pages'

/** The end-to-end tests in Chromium. `chromium` is its path, null for Playwright's own. */
export function playwrightStep(chromium: string | null, args: readonly string[], scope: EndToEndScope = 'flows'): Step {
  const report = `.cache/playwright-${scope}.json`
  // A killed run writes no report: that of an earlier run must not be counted for it.
  rmSync(report, { force: true })
  return {
    name: `end-to-end tests: ${scope}`,
    command: 'npx',
    args: ['playwright', 'test', ...args],
    env: {
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
      ...(chromium && { CHROME_PATH: chromium }),
      LAKESHORE_E2E_SCOPE: scope,
    },
    tally: () => playwrightTally(report),
  }
}

type PlaywrightSuite = {
  suites?: readonly PlaywrightSuite[]
  specs: readonly {
    title: string
    file: string
    tests: readonly {
      status: string
      results: readonly { duration: number; errors: readonly { message?: string }[] }[]
    }[]
  }[]
}

type PlaywrightReport = {
  stats: { expected: number; unexpected: number; flaky: number }
  suites: readonly PlaywrightSuite[]
}

function playwrightTally(report: string): Tally | null {
  if (!existsSync(report)) return null
  const { stats, suites } = JSON.parse(readFileSync(report, 'utf8')) as PlaywrightReport
  // A flaky test counts as failed.
  const failures = suites.flatMap(listFailures)
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    failures,
    files: sumDurations(suites.flatMap(listDurations)),
  }
}

function listDurations({ suites = [], specs }: PlaywrightSuite): FileTime[] {
  const own = specs.map(({ file, tests }) => ({
    file: `e2e/${file}`,
    wallMs: tests.flatMap(({ results }) => results).reduce((sum, { duration }) => sum + duration, 0),
    processorMs: null,
  }))
  return [...own, ...suites.flatMap(listDurations)]
}

function sumDurations(times: readonly FileTime[]): FileTime[] {
  return [...Map.groupBy(times, ({ file }) => file)].map(([file, ofFile]) => ({
    file,
    wallMs: ofFile.reduce((sum, { wallMs }) => sum + wallMs, 0),
    processorMs: null,
  }))
}

function listFailures({ suites = [], specs }: PlaywrightSuite): Failure[] {
  const own = specs.flatMap(({ title, file, tests }) =>
    tests
      .filter(({ status }) => status === 'unexpected' || status === 'flaky')
      .map(({ results }) => {
        const errors = results.flatMap((result) => result.errors.map(({ message }) => message ?? 'no message'))
        return toFailure(`${file}: ${title}`, errors.join('\n'))
      }),
  )
  return [...own, ...suites.flatMap(listFailures)]
}
