import { stringifyExactJson } from '../json/exact-json'
import { schemaToJson } from './schema-json'
import type { Schema } from './types'

/** Which of a table's or view's schemas is the same as another but for its id: that one is used instead. */
export function findEqualSchema(schemas: readonly Schema[], schema: Schema): Schema | undefined {
  // Most schemas differ in a name or an id, so few are compared as a whole.
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
