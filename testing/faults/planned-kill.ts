import { existsSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Has a process of the product, as it is built, kill itself as it is about to take a step. */
export type PlannedKill = {
  /** As its path ends: `worker.mjs`. */
  program: string
  /**
   * A regular expression of the step: a kind of change of the disk and its path (`link /…/00001-….metadata.json`), or
   * an answer (`answer POST /iceberg/v1/… 200`).
   */
  at: string
  /** How many steps of this kind the process takes first. */
  after: number
}

/** The environment of processes that may be told to kill themselves by `planKill` with this file. */
export function killableEnv(file: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${path.resolve('testing/faults/kill-at-step.ts')}`, KILL_FILE: file }
}

export function planKill(
  file: string,
  { after = 0, ...planned }: Omit<PlannedKill, 'after'> & { after?: number },
): void {
  writeFileSync(`${file}.draft`, JSON.stringify({ ...planned, after } satisfies PlannedKill))
  // Whole or not there when a process reads it.
  renameSync(`${file}.draft`, file)
}

/** Whether no process has come to the step yet. */
export function isKillPlanned(file: string): boolean {
  return existsSync(file)
}
