import { mkdirSync } from 'node:fs'
import { buildIfStale } from './build.ts'
import { LINT_STEPS, QUICK_PROJECTS, TYPES_STEP, vitestStep } from './check-steps.ts'
import { ensureChromium } from './chromium.ts'
import { playwrightStep } from './e2e-step.ts'
import { runSteps, type Tally } from './steps.ts'

mkdirSync('.cache', { recursive: true })
const chromium = ensureChromium()
const tallies: Tally[] = []
tallies.push(await runSteps([TYPES_STEP, ...LINT_STEPS], { width: 2 }))
const projects = [...QUICK_PROJECTS, 'server', 'integration']
tallies.push(await runSteps([vitestStep('unit and integration tests', projects, { coverage: true })]))
tallies.push(await buildAndTally())
tallies.push(await runSteps([{ name: 'script of pages', command: 'node', args: ['scripts/sizes.ts'] }]))
tallies.push(await runSteps([playwrightStep(chromium, process.argv.slice(2))], { isLoud: true }))

const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0)
const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)

async function buildAndTally(): Promise<Tally> {
  try {
    await buildIfStale()
    return { passed: 1, failed: 0 }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return { passed: 0, failed: 1 }
  }
}
