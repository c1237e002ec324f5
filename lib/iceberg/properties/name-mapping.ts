import { AppError } from '@/lib/errors'
import { parseExactJson } from '../json/exact-json'
import { isJsonObject } from '../json/json-object'
import type { Json } from '../json/json'

/**
 * Names to field ids, for files that were written without ids.
 *
 * Spec: Iceberg table spec, *Name Mapping Serialization*.
 */
export type NameMapping = MappedField[]
export type MappedField = {
  /** Null for a group in which only the nested fields are mapped. */
  fieldId: number | null
  names: string[]
  fields: NameMapping
}

export const NAME_MAPPING_PROPERTY = 'schema.name-mapping.default'

/**
 * The table's name mapping, or null.
 *
 * @throws {AppError} invalid-request when the property is not a valid name mapping, so that no column is matched by
 *   guess
 */
export function readNameMapping(properties: Readonly<Record<string, string>>): NameMapping | null {
  const text = properties[NAME_MAPPING_PROPERTY]
  return text === undefined ? null : parseNameMapping(text)
}

/** @throws {AppError} invalid-request when the text of the property is not a valid name mapping */
export function parseNameMapping(text: string): NameMapping {
  let json: Json
  try {
    json = parseExactJson(text)
  } catch (cause) {
    throw invalidMappingError(cause)
  }
  return mappingFromJson(json)
}

function mappingFromJson(json: Json): NameMapping {
  if (!Array.isArray(json)) throw invalidMappingError()
  return json.map((item: Json): MappedField => {
    if (!isJsonObject(item)) throw invalidMappingError()
    const { 'field-id': fieldId = null, names = [], fields = [] } = item
    if ((fieldId !== null && !(typeof fieldId === 'number' && Number.isInteger(fieldId))) || !Array.isArray(names))
      throw invalidMappingError()
    return { fieldId, names: names.map(String), fields: mappingFromJson(fields) }
  })
}

function invalidMappingError(cause?: unknown): AppError {
  return new AppError('invalid-request', `The table's property ${NAME_MAPPING_PROPERTY} is not a valid name mapping.`, {
    cause,
  })
}
