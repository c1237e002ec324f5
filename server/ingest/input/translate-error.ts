import 'server-only'
import { AppError } from '@/lib/errors'

/** Translates DuckDB's errors for a run. Errors that mean that our own SQL is wrong are returned unchanged. */
export function translateError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error
  const [first = ''] = error.message.split('\n')
  const [, kind] = /^([A-Za-z][A-Za-z ]*) Error: /.exec(first) ?? []
  if (kind === undefined || ['Binder', 'Catalog', 'Parser', 'INTERNAL'].includes(kind)) return error
  if (/No space left on device/.test(first)) {
    return new AppError('storage-full', 'The disk is full. Nothing of this run was stored.', { cause: error })
  }
  if (first.startsWith('Out of Memory Error')) {
    return new AppError('too-large', 'The input needs more memory and temporary space than a run may take.', {
      cause: error,
    })
  }
  return new AppError('file-damaged', `The input cannot be read: ${first}`, { cause: error })
}
