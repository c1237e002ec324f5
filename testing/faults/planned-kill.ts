import { existsSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Makes a process of the built product kill itself right before it takes a step. */
export type PlannedKill = {
  /** The end of the program's path: `worker.mjs`. */
  program: string
  /**
   * A regular expression for the step: a kind of disk change and its path (`link /…/00001-….metadata.json`), or a
   * response (`answer POST /iceberg/v1/… 200`).
   */
  at: string
  /** How many steps of this kind the process takes before it is killed. */
  after: number
}

/** The environment of processes that `planKill` can make kill themselves with this file. */
export function killableEnv(file: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${path.resolve('testing/faults/kill-at-step.ts')}`, KILL_FILE: file }
}

export function planKill(
  file: string,
  { after = 0, ...planned }: Omit<PlannedKill, 'after'> & { after?: number },
): void {
  writeFileSync(`${file}.draft`, JSON.stringify({ ...planned, after } satisfies PlannedKill))
  // Written atomically, so that a process never reads half of it.
  renameSync(`${file}.draft`, file)
}

/** Whether no process has reached the step yet. */
export function isKillPlanned(file: string): boolean {
  return existsSync(file)
}
