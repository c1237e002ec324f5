import { existsSync, readFileSync, rmSync } from 'node:fs'
import type { Step, Tally } from './steps.ts'

const REPORT = '.cache/playwright.json'

/** The end-to-end tests in Chromium. `chromium` is its path, null for Playwright's own. */
export function playwrightStep(chromium: string | null, args: readonly string[]): Step {
  // A run that is killed writes none: what an earlier one wrote must not be counted for it.
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
  // A test that passes only sometimes is not one that passes.
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky }
}
