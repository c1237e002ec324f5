/** A test, a test file, or a step, that failed; `reason` is the first lines of its output. */
export type Failure = { name: string; reason: string }

const MAX_REASON_LINES = 12
const ESCAPE_CODES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

/** @param output of a test or a step, with or without colours */
export function toFailure(name: string, output: string): Failure {
  const lines = output.replace(ESCAPE_CODES, '').trim().split('\n')
  return { name, reason: lines.slice(0, MAX_REASON_LINES).join('\n') }
}
