import { AppError } from '@/lib/errors'

/**
 * The advice about a file of the user that is too large; undefined for other errors, and where the error has advice of its
 * own. The usual advice is about reading less of a table.
 */
export function largeInputAdvice(error: Error): string | undefined {
  if (!(error instanceof AppError) || error.code !== 'too-large' || error.facts['hint'] !== undefined) return undefined
  return error.facts['line'] === undefined
    ? 'Split the file, and load its parts.'
    : 'Look for a quote or a line end that is missing there, or choose how the file is written.'
}
