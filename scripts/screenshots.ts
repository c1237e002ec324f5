import { buildIfStale } from './build.ts'
import { ensureChromium } from './chromium.ts'
import { playwrightStep } from './steps/e2e-step.ts'
import { runSteps } from './steps/run-steps.ts'

/** Every page and state at two widths and in both colour schemes, into `.cache/screenshots`. */
const chromium = ensureChromium()
await buildIfStale()
process.env.LAKESHORE_PICTURES = '1'
const pictures = playwrightStep(chromium, ['--grep', '@pictures', ...process.argv.slice(2)], 'pages')
const { passed, failed } = await runSteps([{ ...pictures, name: 'pictures' }], { isLoud: true })
process.exit(failed > 0 || passed === 0 ? 1 : 0)
