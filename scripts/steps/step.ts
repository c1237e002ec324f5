import type { FileRun } from '../test-files/file-run.ts'
import type { Failure } from './failure.ts'

/** A program that a run starts: a check, a build, an installation, or a runner of tests. */
export type Step = {
  name: string
  command: string
  args: readonly string[]
  env?: Record<string, string>
  /** Whether the step had nothing to check, by its output: that is a failure. */
  isEmpty?: (output: string) => boolean
  /** Set if the step runs test files. */
  tests?: StepTests
  limits?: StepLimits
}

export type StepTests = {
  /** The file into which the runner writes what became of each test file (`file-events.ts`). */
  events: string
  /** A step that runs these files again; null if the step proves something only when all its files pass at once. */
  rerun: ((files: readonly FileRun[]) => Step) | null
}

/** When a step that does not end is killed, with every process that it started. */
export type StepLimits = {
  /** After this time in all. */
  totalMs: number
  /** After this time without an event of a test file. */
  stallMs: number
}

export type StepRun = {
  step: Step
  wallMs: number
  /** Null if it is not known. */
  processorMs: number | null
  /** Failures that belong to no test file: the check itself, coverage, the start of the runner. */
  failures: readonly Failure[]
  /** Its test files; empty for a step without tests. */
  files: readonly FileRun[]
}
