import { stringifyExactJson } from '../json/exact-json'
import { schemaToJson } from './schema-json'
import type { Schema } from './types'

/** The schema of a table or view that equals another except for its id: it is reused instead. */
export function findEqualSchema(schemas: readonly Schema[], schema: Schema): Schema | undefined {
  // Most schemas differ in a name or an id, so few need a full comparison.
  const mightBeEqual = ({ fields }: Schema): boolean =>
    fields.length === schema.fields.length &&
    fields.every(({ id, name }, index) => id === schema.fields[index]?.id && name === schema.fields[index]?.name)
  const content = comparableJson(schema)
  return schemas.find((known) => mightBeEqual(known) && comparableJson(known) === content)
}

function comparableJson(schema: Schema): string {
  const identifierFieldIds = schema.identifierFieldIds.toSorted((a, b) => a - b)
  return stringifyExactJson(schemaToJson({ ...schema, schemaId: 0, identifierFieldIds }))
}
