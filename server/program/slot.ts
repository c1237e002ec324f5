import 'server-only'
import type { Program } from './program'

const SLOT = Symbol.for('lakeshore.program')

/**
 * Next bundles its routes and pages apart from the web server, so a module of ours can exist twice in the process. This
 * slot is where the two meet, and the only global of the code: Next's copies have no state and find the program here.
 */
const processGlobal = globalThis as typeof globalThis & { [SLOT]?: Program }

export function setProgram(program: Program): void {
  processGlobal[SLOT] = program
}

export function hasProgram(): boolean {
  return processGlobal[SLOT] !== undefined
}

/** @throws {Error} when no program was put into the slot */
export function runningProgram(): Program {
  const program = processGlobal[SLOT]
  if (program === undefined) throw new Error('No program runs in this process: the web server puts it into the slot.')
  return program
}
