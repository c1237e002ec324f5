import 'server-only'
import type { z } from 'zod'
import type { schemaOnWire } from '@/lib/contract/shapes/iceberg-shapes'
import type { Schema } from '@/lib/iceberg/schema/types'

/** Converts a schema to the contract's form, which leaves out attributes that the contract does not have. */
export function toWireSchema({ schemaId, identifierFieldIds, fields }: Schema): z.output<typeof schemaOnWire> {
  return {
    schemaId,
    identifierFieldIds: [...identifierFieldIds],
    fields: fields.map(({ id, name, required, type, doc }) => ({
      id,
      name,
      required,
      type,
      ...(doc !== undefined && { doc }),
    })),
  }
}
