import { buildIfStale } from './build.ts'
import { ensureHeadlessChromium } from './chromium.ts'
import { playwrightStep } from './steps/e2e-step.ts'
import { exitCodeOf, formatReport } from './steps/run-report.ts'
import { runSteps } from './steps/run-steps.ts'

const chromium = ensureHeadlessChromium()
await buildIfStale()
const runs = await runSteps([playwrightStep(chromium, process.argv.slice(2))], { isLoud: true })
console.log(formatReport({ runs }))
process.exit(exitCodeOf({ runs }))
