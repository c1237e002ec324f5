import path from 'node:path'
import { BaseSequencer, createVitest, type TestCase, type TestModule, type TestSpecification } from 'vitest/node'
import type { TestEvent, TestRequest } from './test-process.ts'

/** A process in a scratch tree that runs test files on request and stops at the first that fails. */

let order: readonly string[] = []

class RequestedOrder extends BaseSequencer {
  override sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(
      specifications.toSorted((one, other) => order.indexOf(keyOf(one)) - order.indexOf(keyOf(other))),
    )
  }
}

let isStopping = false
let bail = true
const vitest = await createVitest({
  config: 'scripts/seeded-faults/vitest.config.ts',
  watch: false,
  project: process.argv.slice(2),
  sequence: { sequencer: RequestedOrder },
  reporters: [
    {
      onTestCaseResult(testCase: TestCase) {
        if (bail && testCase.result().state === 'failed') stop()
      },
      onTestModuleEnd(testModule: TestModule) {
        const error = firstError(testModule)
        const { name } = testModule.project
        const file = path.relative('.', testModule.moduleId)
        // A file that was left out after a failure has no result.
        const isFinished = testModule.state() !== 'queued' && testModule.state() !== 'pending'
        if (!isFinished || (isStopping && error === null)) return
        const { duration, collectDuration, setupDuration } = testModule.diagnostic()
        report({ type: 'file', project: name, file, durationMs: duration + collectDuration + setupDuration, error })
        if (bail && error !== null) stop()
      },
    },
  ],
})
const specifications = await vitest.globTestSpecifications()
report({
  type: 'ready',
  files: specifications.map(({ project, moduleId }) => ({ project: project.name, file: path.relative('.', moduleId) })),
})

process.on('message', (request: TestRequest) => void run(request))
process.on('disconnect', () => process.exit(0))

async function run(request: TestRequest): Promise<void> {
  order = request.files.map(({ project, file }) => `${project} ${file}`)
  bail = request.isStoppedByFailure
  isStopping = false
  const requested = new Set(order)
  const result = await vitest.runTestSpecifications(specifications.filter((one) => requested.has(keyOf(one))))
  const errors = result.unhandledErrors.map((error) => messageOf(error))
  report({ type: 'end', error: errors[0] ?? null })
}

function stop(): void {
  if (isStopping) return
  isStopping = true
  void vitest.cancelCurrentRun('test-failure')
}

function keyOf({ project, moduleId }: TestSpecification): string {
  return `${project.name} ${path.relative('.', moduleId)}`
}

function firstError(testModule: TestModule): string | null {
  if (testModule.ok()) return null
  const [ofModule] = testModule.errors()
  if (ofModule) return messageOf(ofModule)
  for (const suite of testModule.children.allSuites()) {
    const [ofSuite] = suite.errors()
    if (ofSuite) return `${suite.fullName}: ${messageOf(ofSuite)}`
  }
  for (const testCase of testModule.children.allTests('failed'))
    return `${testCase.fullName}: ${messageOf(testCase.result().errors?.[0])}`
  return null
}

function messageOf(error: unknown): string {
  const { message = String(error) } = (error ?? {}) as { message?: string }
  return message.split('\n')[0] ?? ''
}

function report(event: TestEvent): void {
  process.send?.(event)
}
