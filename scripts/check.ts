import { LINT_STEPS, QUICK_PROJECTS, vitestStep } from './check-steps.ts'
import { runSteps } from './steps.ts'

const { passed, failed } = await runSteps([...LINT_STEPS, vitestStep('pure and component tests', QUICK_PROJECTS)], {
  width: 2,
})
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
