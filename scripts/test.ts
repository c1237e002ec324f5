import { mkdirSync } from 'node:fs'
import { ensureChromium } from './chromium.ts'
import { BUILD_STEP, coverageSteps, LINT_STEPS, TYPES_STEP, vitestStep } from './steps/check-steps.ts'
import { playwrightStep } from './steps/e2e-step.ts'
import { installOtherPeers, installPostgres, peerSteps, postgresStep, readKitSummary } from './steps/peer-steps.ts'
import { runSteps, type Step } from './steps/run-steps.ts'
import { exitCodeOf, formatTally, sumTallies, type Tally } from './steps/tally.ts'

/**
 * Checks, tests without processes of their own, and the main flow of each end-to-end test. With `--whole`, as before a
 * change lands, it runs everything. Other arguments are those of Playwright.
 */
const args = process.argv.slice(2).filter((argument) => argument !== '--whole')
const isWhole = args.length < process.argv.length - 2

/** Reads what the build has made. */
const SIZES_STEP: Step = { name: 'script of pages', command: 'node', args: ['scripts/sizes.ts'] }
const UNIT_PROJECTS = ['pure', 'dom', 'server', 'server-mocks']

mkdirSync('.cache', { recursive: true })
const chromium = ensureChromium()
const tally = sumTallies(isWhole ? await runEverything() : await runMainTests())
if (isWhole) console.log(readKitSummary())
console.log(formatTally(tally))
process.exit(exitCodeOf(tally))

async function runMainTests(): Promise<Tally[]> {
  return [
    // The build computes on one core for much of its time: the checks take the other.
    await runSteps([BUILD_STEP, ...LINT_STEPS], { width: 2 }),
    await runSteps([vitestStep('unit and component tests', UNIT_PROJECTS), SIZES_STEP]),
    await runSteps([playwrightStep(chromium, args, 'journeys')], { isLoud: true }),
  ]
}

/** The order keeps both cores busy: downloads take long and compute little, and so do browsers and engines that wait. */
async function runEverything(): Promise<Tally[]> {
  const installs = installPostgres().then(async (postgres) => [postgres, await installOtherPeers()])
  const checked = await runSteps([BUILD_STEP, TYPES_STEP, ...LINT_STEPS], { width: 2 })
  const tested = await runSteps([...coverageSteps(), SIZES_STEP])
  const installed = await installs
  const withOthers = await runSteps([playwrightStep(chromium, args, 'everything'), ...peerSteps(), postgresStep()], {
    width: 2,
    isLoud: true,
  })
  return [checked, tested, ...installed, withOthers]
}
