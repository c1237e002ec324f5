import { buildIfStale } from './build.ts'
import { ensureChromium } from './chromium.ts'
import { playwrightStep } from './steps/e2e-step.ts'
import { exitCodeOf } from './steps/run-report.ts'
import { runSteps } from './steps/run-steps.ts'

/** Every page and state at two widths and in both colour schemes, into `.cache/screenshots`. */
const chromium = ensureChromium()
await buildIfStale()
process.env.LAKESHORE_PICTURES = '1'
const pictures = playwrightStep(chromium, ['--grep', '@pictures', ...process.argv.slice(2)], 'pages')
const runs = await runSteps([{ ...pictures, name: 'pictures' }], { isLoud: true })
process.exit(exitCodeOf({ runs }))
