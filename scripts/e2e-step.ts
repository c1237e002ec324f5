import { existsSync, readFileSync, rmSync } from 'node:fs'
import type { Step } from './steps.ts'
import { toFailure, type Failure, type Tally } from './tally.ts'

const REPORT = '.cache/playwright.json'

/** The end-to-end tests in Chromium. `chromium` is its path, null for Playwright's own. */
export function playwrightStep(chromium: string | null, args: readonly string[]): Step {
  // A killed run writes no report: that of an earlier run must not be counted for it.
  rmSync(REPORT, { force: true })
  return {
    name: 'end-to-end tests',
    command: 'npx',
    args: ['playwright', 'test', ...args],
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: REPORT, ...(chromium && { CHROME_PATH: chromium }) },
    tally: playwrightTally,
  }
}

type PlaywrightSuite = {
  suites?: readonly PlaywrightSuite[]
  specs: readonly {
    title: string
    file: string
    tests: readonly {
      status: string
      results: readonly { errors: readonly { message?: string }[] }[]
    }[]
  }[]
}

type PlaywrightReport = {
  stats: { expected: number; unexpected: number; flaky: number }
  suites: readonly PlaywrightSuite[]
}

function playwrightTally(): Tally | null {
  if (!existsSync(REPORT)) return null
  const { stats, suites } = JSON.parse(readFileSync(REPORT, 'utf8')) as PlaywrightReport
  // A flaky test counts as failed.
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky, failures: suites.flatMap(listFailures) }
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
