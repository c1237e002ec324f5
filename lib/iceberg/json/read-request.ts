import { AppError } from '@/lib/errors'
import type { JsonFields } from './json-fields'

/**
 * Reads part of a client's request with the readers for files. A damaged file or an unknown type becomes a bad request
 * here.
 *
 * @throws {AppError} invalid-request
 */
export function readRequest<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof AppError) || (error.code !== 'file-damaged' && error.code !== 'not-supported')) throw error
    throw new AppError('invalid-request', error.message, { cause: error, facts: { ...error.facts } })
  }
}

/** The field's name in the specification, or the name that clients used before it was settled. */
export function resolveFieldName(object: JsonFields, name: string, legacyName: string): string {
  if (!object.has(name) && object.has(legacyName)) return legacyName
  object.require(name)
  return name
}
