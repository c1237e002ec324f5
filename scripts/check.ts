import { CHECK_STEPS, vitestStep } from './check-steps.ts'
import { runSteps } from './steps.ts'

const { passed, failed } = await runSteps([vitestStep('unit tests', ['unit']), ...CHECK_STEPS], { width: 2 })
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
