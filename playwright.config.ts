import { defineConfig } from '@playwright/test'

const executablePath = process.env.CHROME_PATH
/** A machine of CI may be busy with other work, and pause now and then. */
const isCi = process.env.CI === 'true'

export default defineConfig({
  testDir: 'e2e',
  outputDir: '.cache/test-results',
  globalSetup: './e2e/global-setup.ts',
  // One console and one lake for all: tests that change a table use one of their own.
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  timeout: isCi ? 300_000 : 120_000,
  expect: { timeout: isCi ? 60_000 : 20_000 },
  reporter: [['list'], ['json']],
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
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
