import type { Failure } from '../steps/failure.ts'

/**
 * The outcome of a test file: its tests ended, or it started and did not end, because its process crashed or hung, or it
 * did not start.
 */
export type FileRun = {
  /** Relative to the repository. */
  file: string
  /** The project of Vitest or Playwright. A file can be in several. */
  project: string
  state: 'ended' | 'unfinished' | 'not run'
  passed: number
  /** One for each test that failed; a file that did not end counts as one. */
  failures: readonly Failure[]
  wallMs: number
  /** Null if it is not measured, as in tests of browsers. */
  processorMs: number | null
}

/** Whether two runs are of the same file in the same project. */
export function isSameFile(a: FileRun, b: FileRun): boolean {
  return a.file === b.file && a.project === b.project
}

/** The file, with its project where that is not the only one. */
export function fileLabel({ file, project }: Pick<FileRun, 'file' | 'project'>): string {
  return project === '' ? file : `${file} (${project})`
}
