import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'

/** Failures that a later attempt meets again: what cannot be read is left out of the index, the rest is indexed. */
const UNREADABLE: ReadonlySet<ErrorCode> = new Set([
  'file-missing',
  'file-damaged',
  'location-refused',
  'too-large',
  'forbidden',
  'not-supported',
])

export function isUnreadable(error: unknown): boolean {
  return error instanceof AppError && UNREADABLE.has(error.code)
}
