import { parseExactJson } from '../../../iceberg/json/exact-json'
import { readRequest } from '../../../iceberg/json/read-request'
import { typeFromJson } from '../../../iceberg/schema/schema-json'
import type { Type } from '../../../iceberg/schema/types'

/**
 * The type of an intent: the name of a primitive type, or the JSON text of another one.
 *
 * @throws {AppError} invalid-request
 */
export function readColumnType(text: string): Type {
  return readRequest(() => typeFromJson(text.trimStart().startsWith('{') ? parseExactJson(text) : text, 'type'))
}
