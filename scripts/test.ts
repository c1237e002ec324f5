import { mkdirSync } from 'node:fs'
import { ensureHeadlessChromium } from './chromium.ts'
import { BUILD_STEP, coverageSteps, LINT_STEPS, vitestStep } from './steps/check-steps.ts'
import { playwrightStep } from './steps/e2e-step.ts'
import { installOtherPeers, installPostgres, peerSteps, postgresStep, readKitSummary } from './steps/peer-steps.ts'
import { runSteps, type Step } from './steps/run-steps.ts'
import { testEnvironment } from './steps/test-environment.ts'
import { exitCodeOf, formatTally, sumTallies, type Tally } from './steps/tally.ts'

/**
 * Checks, tests without processes of their own, and the main flow of most end-to-end tests. With `--whole`, as before a
 * change lands, it runs everything. Other arguments are those of Playwright.
 */
const args = process.argv.slice(2).filter((argument) => argument !== '--whole')
const isWhole = args.length < process.argv.length - 2

/** Reads what the build has made. */
const SIZES_STEP: Step = { name: 'script of pages', command: 'node', args: ['scripts/sizes.ts'] }
const UNIT_PROJECTS = ['pure', 'dom', 'server', 'server-mocks']

mkdirSync('.cache', { recursive: true })
Object.assign(process.env, testEnvironment())
const chromium = ensureHeadlessChromium()
const tally = sumTallies(isWhole ? await runEverything() : await runMainTests())
if (isWhole) console.log(readKitSummary())
console.log(formatTally(tally))
process.exit(exitCodeOf(tally))

async function runMainTests(): Promise<Tally[]> {
  // The build computes on one core for much of its time: the checks take the other.
  const checked = await runSteps([BUILD_STEP, ...LINT_STEPS], { width: 2 })
  // Tests in the browser wait for pages and jobs more than they compute.
  const journeys = playwrightStep(chromium, args, 'journeys')
  const units = vitestStep('unit and component tests', UNIT_PROJECTS)
  return [checked, await runSteps([journeys, units, SIZES_STEP], { width: 2 })]
}

/**
 * Our own tests take both cores, so they run alone. Tests with foreign programs wait for a part of their time, one file
 * after the other. The longest steps come first, so that both lanes end at about the same time, and in an order in which
 * a step that waits is next to one that computes. Three at once take both cores whole, and each test several times longer.
 */
async function runEverything(): Promise<Tally[]> {
  const installs = installPostgres().then(async (postgres) => [postgres, await installOtherPeers()])
  const checked = await runSteps([BUILD_STEP, ...LINT_STEPS], { width: 2 })
  const tested = await runSteps([...coverageSteps(), SIZES_STEP])
  const installed = await installs
  const [flows, pages] = [playwrightStep(chromium, args, 'flows'), playwrightStep(chromium, args, 'pages')]
  const [engines, rooms, product] = peerSteps()
  const steps = [engines, flows, pages, rooms, product, postgresStep()]
  const withOthers = await runSteps(steps, { width: 2 })
  return [checked, tested, ...installed, withOthers]
}
