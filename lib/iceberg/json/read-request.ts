import { AppError } from '@/lib/errors'
import type { JsonFields } from './json-fields'

/**
 * Reads a part of a client's request with the readers that files are read with. What would be a damaged file is a bad
 * request here, as is a type this program does not know.
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

/** The name that the specification settled on, or the one that clients sent before it did. */
export function resolveFieldName(object: JsonFields, name: string, legacyName: string): string {
  if (!object.has(name) && object.has(legacyName)) return legacyName
  object.require(name)
  return name
}
