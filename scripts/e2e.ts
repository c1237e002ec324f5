import { buildIfStale } from './build.ts'
import { ensureHeadlessChromium } from './chromium.ts'
import { playwrightStep } from './steps/e2e-step.ts'
import { runSteps } from './steps/run-steps.ts'
import { exitCodeOf, formatTally } from './steps/tally.ts'

const chromium = ensureHeadlessChromium()
await buildIfStale()
const tally = await runSteps([playwrightStep(chromium, process.argv.slice(2))], { isLoud: true })
console.log(formatTally(tally))
process.exit(exitCodeOf(tally))
