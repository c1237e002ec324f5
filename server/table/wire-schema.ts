import 'server-only'
import type { z } from 'zod'
import type { fieldOnWire, schemaOnWire } from '@/lib/contract/shapes/iceberg-shapes'
import type { NestedField, Schema } from '@/lib/iceberg/schema/types'

/** Converts a schema to the contract's form, which leaves out attributes that the contract does not have. */
export function toWireSchema({ schemaId, identifierFieldIds, fields }: Schema): z.output<typeof schemaOnWire> {
  return { schemaId, identifierFieldIds: [...identifierFieldIds], fields: fields.map(toWireField) }
}

export function toWireField({ id, name, required, type, doc }: NestedField): z.output<typeof fieldOnWire> {
  return { id, name, required, type, ...(doc !== undefined && { doc }) }
}
