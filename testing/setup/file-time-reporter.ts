import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'
import type { FileTime } from '../../scripts/steps/run-times.ts'

/** A reporter of Vitest that writes how long each test file took into the file that `LAKESHORE_FILE_TIMES` names. */
export default class FileTimeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const report = process.env.LAKESHORE_FILE_TIMES
    if (report === undefined) throw new Error('LAKESHORE_FILE_TIMES names no file.')
    const times = modules.flatMap((module): FileTime[] => {
      const { fileTime } = module.meta()
      return fileTime ? [{ file: path.relative('.', module.moduleId), ...fileTime }] : []
    })
    writeFileSync(report, JSON.stringify(times))
  }
}
