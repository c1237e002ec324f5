import { parseExactJson } from '../../json/exact-json'
import { readRequest } from '../../json/read-request'
import { typeFromJson } from '../../schema/schema-json'
import type { Type } from '../../schema/types'

/**
 * The type of an intent: the name of a primitive type, or the JSON text of another one.
 *
 * @throws {AppError} invalid-request
 */
export function readColumnType(text: string): Type {
  return readRequest(() => typeFromJson(text.trimStart().startsWith('{') ? parseExactJson(text) : text, 'type'))
}
