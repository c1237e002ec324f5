import { LINT_STEPS, QUICK_PROJECTS, reachedTestsStep } from './steps/check-steps.ts'
import { hashFiles, readCheckedFiles, recordCheckedFiles, toCheckScope } from './checked-files.ts'
import { exitCodeOf, formatReport } from './steps/run-report.ts'
import { runSteps } from './steps/run-steps.ts'
import type { Step } from './steps/step.ts'
import { vitestStep } from './steps/vitest-step.ts'

/**
 * With `--all`, it runs all `pure` and `dom` tests; without, those that the changes since its last success can reach.
 */
const files = hashFiles()
const checked = process.argv.includes('--all') ? null : readCheckedFiles()
const runs = await runSteps([...LINT_STEPS, ...chooseTests()], { width: 2 })
const code = exitCodeOf({ runs })
if (code === 0) recordCheckedFiles(files)
console.log(formatReport({ runs }))
process.exitCode = code

function chooseTests(): Step[] {
  const scope = toCheckScope(checked, files)
  if (scope.kind === 'all') {
    console.log(`All pure and component tests run: ${scope.reason}.`)
    return [vitestStep('pure and component tests', QUICK_PROJECTS)]
  }
  if (scope.sources.length === 0) {
    console.log('No pure and component tests run: nothing that they read has changed since they passed.')
    return []
  }
  const sources = scope.sources.length === 1 ? '1 source has' : `${scope.sources.length} sources have`
  console.log(`${sources} changed since the last check that passed: only the tests that they can reach run.`)
  console.log('`npm run check -- --all` runs all pure and component tests.')
  return [reachedTestsStep(scope.sources)]
}
