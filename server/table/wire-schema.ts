import 'server-only'
import type { z } from 'zod'
import type { schemaOnWire } from '@/lib/contract/iceberg-shapes'
import type { Schema } from '@/lib/iceberg/schema/types'

/** A schema as the contract describes it: what this program does not know of a field stays here. */
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
