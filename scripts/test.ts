import { mkdirSync } from 'node:fs'
import { ensureHeadlessChromium } from './chromium.ts'
import { formatProofs } from './parts/proofs.ts'
import { BUILD_STEP, LINT_STEPS } from './steps/check-steps.ts'
import { playwrightStep } from './steps/e2e-step.ts'
import { NEWEST_POSTGRES_STEP } from './steps/peer-steps.ts'
import { exitCodeOf, formatReport } from './steps/run-report.ts'
import { runSteps } from './steps/run-steps.ts'
import type { Step } from './steps/step.ts'
import { testEnvironment } from './steps/test-environment.ts'
import { vitestStep } from './steps/vitest-step.ts'
import { settleRun } from './test-files/settle-run.ts'

/**
 * Runs everything that has to pass before a change lands: checks, all tests that need neither a process of their own nor
 * another program, the journeys in a browser, and a few files of the parts that `npm run test:whole` runs.
 */

/** Reads what the build has made. */
const SIZES_STEP: Step = { name: 'script of pages', command: 'node', args: ['scripts/sizes.ts'] }
const UNIT_PROJECTS = ['pure', 'dom', 'server']
/**
 * Commits whose process is killed, on SQLite and on PostgreSQL, and the commits of the catalog on PostgreSQL. What
 * PyIceberg wrote or read, byte by byte, is in `testing/golden`, whose tests are unit tests.
 */
const CORE_TESTS = [
  'server/catalog/faults/killed-commit.integration.test.ts',
  'server/catalog/embedded/embedded-catalog.integration.test.ts',
  'server/table/commit/run-operation.test.ts',
]

mkdirSync('.cache', { recursive: true })
Object.assign(process.env, testEnvironment())
const chromium = ensureHeadlessChromium()
// A download, next to the build.
const installing = runSteps([NEWEST_POSTGRES_STEP])
// The build computes on one core for much of its time: the checks take the other.
const checked = await runSteps([BUILD_STEP, ...LINT_STEPS], { width: 2 })
const installed = await installing
// Tests in the browser wait for pages and jobs more than they compute.
const tested = await runSteps(
  [
    playwrightStep(chromium, process.argv.slice(2), 'journeys'),
    vitestStep('unit and component tests', UNIT_PROJECTS),
    vitestStep('killed commits, and commits on PostgreSQL', ['integration', 'postgres'], { args: CORE_TESTS }),
    SIZES_STEP,
  ],
  { width: 2 },
)
const report = await settleRun([...checked, ...installed, ...tested])
console.log(`Parts of \`npm run test:whole\`:\n${formatProofs()}\n`)
console.log(formatReport(report))
process.exit(exitCodeOf(report))
