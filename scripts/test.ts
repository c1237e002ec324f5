import { mkdirSync } from 'node:fs'
import { buildIfStale } from './build.ts'
import { LINT_STEPS, QUICK_PROJECTS, TYPES_STEP, vitestStep } from './check-steps.ts'
import { ensureChromium } from './chromium.ts'
import { playwrightStep } from './e2e-step.ts'
import { runSteps } from './steps.ts'
import { exitCodeOf, formatTally, sumTallies, toFailure, type Tally } from './tally.ts'

mkdirSync('.cache', { recursive: true })
const chromium = ensureChromium()
const tallies: Tally[] = []
tallies.push(await runSteps([TYPES_STEP, ...LINT_STEPS], { width: 2 }))
const projects = [...QUICK_PROJECTS, 'server', 'server-mocks', 'integration']
tallies.push(await runSteps([vitestStep('unit and integration tests', projects, { coverage: true })]))
tallies.push(await buildAndTally())
tallies.push(await runSteps([{ name: 'script of pages', command: 'node', args: ['scripts/sizes.ts'] }]))
tallies.push(await runSteps([playwrightStep(chromium, process.argv.slice(2))], { isLoud: true }))

const total = sumTallies(tallies)
console.log(formatTally(total))
process.exit(exitCodeOf(total))

async function buildAndTally(): Promise<Tally> {
  try {
    await buildIfStale()
    return { passed: 1, failed: 0, failures: [] }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    console.error(message)
    return { passed: 0, failed: 1, failures: [toFailure('build', message)] }
  }
}
