import { mkdirSync } from 'node:fs'
import { BUILD_STEP, LINT_STEPS, QUICK_PROJECTS, TYPES_STEP, vitestStep } from './steps/check-steps.ts'
import { ensureChromium } from './chromium.ts'
import { playwrightStep } from './steps/e2e-step.ts'
import { runSteps, type Step } from './steps/run-steps.ts'
import { exitCodeOf, formatTally, sumTallies } from './steps/tally.ts'

/**
 * With `--whole`, as before a change lands, it also measures coverage, opens every page and state, and checks the types
 * with the compiler, too. Other arguments are those of Playwright.
 */
const args = process.argv.slice(2).filter((argument) => argument !== '--whole')
const isWhole = args.length < process.argv.length - 2

mkdirSync('.cache', { recursive: true })
const chromium = ensureChromium()
/** They cover the rooms that have a threshold; component tests would only make the measurement longer. */
const covering = ['pure', 'server', 'server-mocks', 'integration']
const components = QUICK_PROJECTS.filter((project) => !covering.includes(project))
const tests = isWhole
  ? [vitestStep('component tests', components), vitestStep('unit and integration tests', covering, { coverage: true })]
  : [vitestStep('unit, component and integration tests', [...components, ...covering])]
const sizes: Step = { name: 'script of pages', command: 'node', args: ['scripts/sizes.ts'] }
const tallies = [
  // The build computes on one core for much of its time: the checks take the other.
  await runSteps([BUILD_STEP, ...(isWhole ? [TYPES_STEP] : []), ...LINT_STEPS], { width: 2 }),
  await runSteps([...tests, sizes]),
  await runSteps([playwrightStep(chromium, args, { isWhole })], { isLoud: true }),
]

const total = sumTallies(tallies)
console.log(formatTally(total))
process.exit(exitCodeOf(total))
