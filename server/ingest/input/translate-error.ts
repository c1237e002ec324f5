import 'server-only'
import { AppError } from '@/lib/errors'
import { translateDiskError } from '@/server/table-writes/staging-folder'

/** The hint of a file that is loaded; that of `file-damaged` itself is about files of a table. */
const INPUT_HINT = 'Correct or replace the file, and load it again.'

/**
 * Translates DuckDB's errors for a run. Errors that mean that our own SQL is wrong are returned unchanged.
 *
 * @param input the file, which has its name in messages, and not its path on the machine of the worker
 */
export function translateError(error: unknown, input: { path: string; name: string }): unknown {
  if (error instanceof AppError) return error.code === 'file-damaged' ? withInputHint(error) : error
  if (!(error instanceof Error)) return error
  const translated = translateDiskError(error)
  if (translated !== error) return translated
  const [first = ''] = error.message.split('\n')
  const [, kind] = /^([A-Za-z][A-Za-z ]*) Error: /.exec(first) ?? []
  if (kind === undefined || ['Binder', 'Catalog', 'Parser', 'INTERNAL'].includes(kind)) return error
  if (/No space left on device/.test(first)) {
    return new AppError('storage-full', 'The disk is full. Nothing of this run was stored.', { cause: error })
  }
  if (first.startsWith('Out of Memory Error')) {
    return new AppError('too-large', 'The input needs more memory and temporary space than a run may take.', {
      cause: error,
      facts: { limit: 'memory' },
    })
  }
  const problem = valueProblem(error)
  if (problem !== null) {
    const detail = `The input has a value that cannot be read: ${problem}. Nothing was loaded.`
    return new AppError('invalid-request', detail, { cause: error })
  }
  return withInputHint(
    new AppError('file-damaged', `The input cannot be read: ${first.replaceAll(input.path, input.name)}`, {
      cause: error,
    }),
  )
}

function withInputHint(error: AppError): AppError {
  if (error.facts.hint !== undefined) return error
  const { code, message, facts } = error
  return new AppError(code, message, { cause: error.cause ?? error, facts: { ...facts, hint: INPUT_HINT } })
}

/** The fault of the value at which DuckDB failed; null for an error that is not about one value. */
export function valueProblem(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  if (/^Invalid Input Error: .*not valid UTF-?8/i.test(error.message)) return 'a text is not UTF-8'
  if (!/^(Conversion|Out of Range) Error: /.test(error.message)) return null
  return /timestamp|date/i.test(error.message)
    ? 'a date or a time is beyond the range of its type'
    : 'a value is beyond the range of its type'
}
