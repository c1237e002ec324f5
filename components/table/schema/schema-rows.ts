import { childFields } from '@/lib/iceberg/schema/child-fields'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField } from '@/lib/iceberg/schema/types'

export type SchemaRow = {
  id: number
  name: string
  depth: number
  type: string
  isRequired: boolean
  isIdentifier: boolean
  doc: string | null
}

export type ShownSchema = { identifierFieldIds: readonly number[]; fields: readonly NestedField[] }

/** A schema as rows: each field is followed by its nested fields. */
export function schemaRows({ fields, identifierFieldIds }: ShownSchema): SchemaRow[] {
  const identifiers = new Set(identifierFieldIds)
  const rowsOf = (field: NestedField, depth: number): SchemaRow[] => [
    {
      id: field.id,
      name: field.name,
      depth,
      type: typeLabel(field.type),
      isRequired: field.required,
      isIdentifier: identifiers.has(field.id),
      doc: field.doc ?? null,
    },
    ...childFields(field.type).flatMap((inner) => rowsOf(inner, depth + 1)),
  ]
  return fields.flatMap((field) => rowsOf(field, 0))
}
