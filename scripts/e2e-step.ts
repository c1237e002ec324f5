import { existsSync, readFileSync, rmSync } from 'node:fs'
import type { Step, Tally } from './steps.ts'

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

function playwrightTally(): Tally {
  if (!existsSync(REPORT)) return { passed: 0, failed: 1 }
  const { stats } = JSON.parse(readFileSync(REPORT, 'utf8')) as {
    stats: { expected: number; unexpected: number; flaky: number }
  }
  // A flaky test counts as failed.
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky }
}
