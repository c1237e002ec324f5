import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { defineConfig } from '@playwright/test'

const executablePath = process.env.CHROME_PATH

/** Which tests run unless specs are named: see `EndToEndScope` in scripts/steps/e2e-step.ts. */
const scope = process.env.LAKESHORE_E2E_SCOPE ?? 'flows'
const isChosen = process.argv.some((argument) => argument.includes('.spec'))

/** Opens every page and state: in a whole run, for screenshots, and when it is named. */
const PAGES = 'everyone-sees-accessible-pages.spec.ts'
const hasPages = isChosen || scope === 'pages'
const hasFlows = isChosen || scope !== 'pages'

/**
 * These tests leave nothing in the browser that matters to the next one: they share a context for each user, which
 * takes its storage back and keeps its cache of scripts.
 */
const pages = {
  name: 'pages',
  testMatch: PAGES,
  use: { reuseContext: true },
}

/** All flows; for the hunt (`scripts/hunt.ts`) a project for each spec, which start in the order of a seed. */
function listFlows(): { name: string; testIgnore?: string; testMatch?: string }[] {
  const seed = process.env.LAKESHORE_E2E_SEED
  if (seed === undefined) return [{ name: 'flows', testIgnore: PAGES }]
  return globSync('*.spec.ts', { cwd: 'e2e' })
    .filter((spec) => spec !== PAGES)
    .map((spec) => ({
      name: spec,
      testMatch: spec,
      order: createHash('sha256').update(`${seed} ${spec}`).digest('hex'),
    }))
    .toSorted((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ name, testMatch }) => ({ name, testMatch }))
}

export default defineConfig({
  testDir: 'e2e',
  // A run empties its folder, and runs of different scopes may be at the same time.
  outputDir: `.cache/test-results/${scope}`,
  globalSetup: './e2e/global-setup.ts',
  // One console and one lake for all: a test that changes a table uses one of its own, and no test needs another.
  projects: [...(hasFlows ? listFlows() : []), ...(hasPages ? [pages] : [])],
  // More than cores: a test also waits for pages, jobs and other processes.
  workers: Math.ceil(availableParallelism() * 1.5),
  fullyParallel: true,
  forbidOnly: true,
  ...(scope === 'journeys' && !isChosen && { grep: /@journey/ }),
  // Safeguards, not measurements: a machine may be busy with other work, and pause now and then.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: [
    ['list'],
    // Run by hand, Playwright reports only to the terminal.
    ...(process.env.LAKESHORE_FILE_EVENTS ? [['./scripts/test-files/playwright-reporter.ts'] as const] : []),
  ],
  use: {
    viewport: { width: 1440, height: 900 },
    // A trace costs a third of a run: ask for it with --trace=on when a test fails.
    screenshot: 'only-on-failure',
    timezoneId: 'Europe/Berlin',
    launchOptions: {
      ...(executablePath && { executablePath }),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        // Texts have the same width in a Chromium with a window and without.
        '--font-render-hinting=none',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
