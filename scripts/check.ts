import { LINT_STEPS, QUICK_PROJECTS, vitestStep } from './check-steps.ts'
import { runSteps } from './steps.ts'
import { exitCodeOf, formatTally } from './tally.ts'

const tally = await runSteps([...LINT_STEPS, vitestStep('pure and component tests', QUICK_PROJECTS)], {
  width: 2,
})
console.log(formatTally(tally))
process.exitCode = exitCodeOf(tally)
