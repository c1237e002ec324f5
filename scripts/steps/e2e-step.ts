import { EVENTS_VARIABLE } from '../test-files/file-events.ts'
import type { Step, StepLimits } from './step.ts'

/** Which tests run unless specs are named: the journeys, all flows, or every page and state. */
export type EndToEndScope = 'journeys' | 'flows' | 'pages'

/** A test waits up to five minutes in CI (`playwright.config.ts`), after the console has started. */
const LIMITS: Readonly<Record<EndToEndScope, StepLimits>> = {
  journeys: { totalMs: 20 * 60_000, stallMs: 8 * 60_000 },
  flows: { totalMs: 75 * 60_000, stallMs: 10 * 60_000 },
  pages: { totalMs: 75 * 60_000, stallMs: 10 * 60_000 },
}

/** The end-to-end tests in Chromium. `chromium` is its path, null for Playwright's own. */
export function playwrightStep(chromium: string | null, args: readonly string[], scope: EndToEndScope = 'flows'): Step {
  return makeStep(`end-to-end tests: ${scope}`, chromium, scope, args)
}

function makeStep(name: string, chromium: string | null, scope: EndToEndScope, args: readonly string[]): Step {
  const events = `.cache/playwright-${scope}.events`
  return {
    name,
    command: 'npx',
    args: ['playwright', 'test', ...args],
    env: {
      [EVENTS_VARIABLE]: events,
      ...(chromium && { CHROME_PATH: chromium }),
      LAKESHORE_E2E_SCOPE: scope,
    },
    limits: LIMITS[scope],
    tests: {
      events,
      rerun: (files) => {
        const specs = files.map(({ file }) => file)
        const output = `.cache/test-results/${scope}-again/${specs.length === 1 ? specs[0]?.replaceAll('/', '-') : 'rest'}`
        const traced = ['--trace=on', `--output=${output}`, ...(scope === 'journeys' ? ['--grep=@journey'] : [])]
        return makeStep(`again: ${specs.join(', ')}`, chromium, scope, [...specs, ...traced])
      },
    },
  }
}
