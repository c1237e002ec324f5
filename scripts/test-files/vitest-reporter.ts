import type { Reporter, SerializedError, TestModule, TestSpecification } from 'vitest/node'
import { toFailure } from '../steps/failure.ts'
import { type EndedFile, FileEventLog, relativeFile } from './file-events.ts'

/** Reports to the runner of steps what became of each test file. */
export default class VitestReporter implements Reporter {
  readonly #log = new FileEventLog()

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    const files = specifications.map(({ moduleId, project }) => ({
      file: relativeFile(moduleId),
      project: project.name,
    }))
    this.#log.write({ kind: 'planned', files })
  }

  onTestModuleStart(module: TestModule): void {
    this.#log.write({ kind: 'started', ...nameOf(module) })
  }

  onTestCaseResult(): void {
    this.#log.writeProgress()
  }

  onTestModuleEnd(module: TestModule): void {
    this.#log.write({ kind: 'ended', ...toEnded(module) })
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const problems: string[] = []
    for (const error of errors) {
      const text = `${error.name}: ${error.message}\n${error.stack ?? ''}`
      const owners = modules.filter(({ moduleId }) => moduleId === error.VITEST_TEST_PATH)
      const [owner] = owners
      // A file of several projects: the error does not say in which one it was thrown.
      if (owner === undefined || owners.length > 1) problems.push(text)
      else this.#log.write({ kind: 'ended', ...withError(toEnded(owner), text) })
    }
    this.#log.write({ kind: 'complete', problems })
  }
}

function nameOf({ moduleId, project }: TestModule) {
  return { file: relativeFile(moduleId), project: project.name }
}

function toEnded(module: TestModule): EndedFile {
  const { file, project } = nameOf(module)
  const tests = [...module.children.allTests()]
  const failures = tests
    .filter((test) => test.result().state === 'failed')
    .map((test) =>
      toFailure(`${file}: ${test.fullName}`, (test.result().errors ?? []).map(({ message }) => message).join('\n')),
    )
  // A file that could not be loaded, and one with a hook that failed, has errors of its own.
  const errors = [...module.errors(), ...[...module.children.allSuites()].flatMap((suite) => suite.errors())]
  const own = errors.map(({ message, stack }) => toFailure(file, stack ?? message))
  const { wallMs = 0, processorMs = null } = module.meta().fileTime ?? {}
  return {
    file,
    project,
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failures: [...failures, ...own],
    wallMs,
    processorMs,
  }
}

function withError(ended: EndedFile, text: string): EndedFile {
  return { ...ended, failures: [...ended.failures, toFailure(ended.file, text)] }
}
