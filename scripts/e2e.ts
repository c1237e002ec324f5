import { buildIfStale } from './build.ts'
import { ensureChromium } from './chromium.ts'
import { playwrightStep } from './e2e-step.ts'
import { runSteps } from './steps.ts'

const chromium = ensureChromium()
await buildIfStale()
const { passed, failed } = await runSteps([playwrightStep(chromium, process.argv.slice(2))], { isLoud: true })
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)
