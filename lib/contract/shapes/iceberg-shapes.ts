import { z } from 'zod'
import type { ListType, MapType, PrimitiveType, StructType, Type } from '@/lib/iceberg/schema/types'
import { contractSchemas } from './schemas'

/** Iceberg's types on the wire, in the same shape as in the program (`lib/iceberg/schema/types`). */
export const typeOnWire: z.ZodType<Type> = z
  .lazy(() => z.union([primitive, struct, list, map]))
  .register(contractSchemas, { id: 'Type' })

const primitive = z.string() as z.ZodType<string> as z.ZodType<PrimitiveType>

export const fieldOnWire = z
  .object({
    id: z.int(),
    name: z.string(),
    required: z.boolean(),
    type: typeOnWire,
    doc: z.string().exactOptional(),
  })
  .register(contractSchemas, { id: 'Field' })
const struct: z.ZodType<StructType> = z.object({ type: z.literal('struct'), fields: z.array(fieldOnWire) })
const list: z.ZodType<ListType> = z.object({
  type: z.literal('list'),
  elementId: z.int(),
  element: typeOnWire,
  elementRequired: z.boolean(),
})
const map: z.ZodType<MapType> = z.object({
  type: z.literal('map'),
  keyId: z.int(),
  key: typeOnWire,
  valueId: z.int(),
  value: typeOnWire,
  valueRequired: z.boolean(),
})

export const schemaOnWire = z
  .object({
    schemaId: z.int(),
    identifierFieldIds: z.array(z.int()),
    fields: z.array(fieldOnWire),
  })
  .register(contractSchemas, { id: 'Schema' })

export const refOnWire = z.object({ name: z.string(), type: z.enum(['branch', 'tag']) })
