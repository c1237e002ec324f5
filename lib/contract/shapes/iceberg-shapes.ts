import * as z from 'zod'
import type { ListType, MapType, PrimitiveType, StructType, Type } from '@/lib/iceberg/schema/types'
import { MAX_DOC_CHARS, MAX_FIELD_NAME_CHARS } from '@/lib/iceberg/text-limits'
import { MAX_VIEW_COLUMNS } from '@/lib/changes/view-edits/view-draft'
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

/**
 * A schema in a request. A type is nested at most as deep as JSON may be (`MAX_JSON_DEPTH`), and each struct has at most
 * as many fields as a view may have columns.
 */
const draftType: z.ZodType<Type> = z
  .lazy(() => z.union([draftPrimitive, draftStruct, draftList, draftMap]))
  .register(contractSchemas, { id: 'DraftType' })

const draftPrimitive = z.string().max(MAX_FIELD_NAME_CHARS) as z.ZodType<string> as z.ZodType<PrimitiveType>

const draftField = z
  .object({
    id: z.int(),
    name: z.string().max(MAX_FIELD_NAME_CHARS),
    required: z.boolean(),
    type: draftType,
    doc: z.string().max(MAX_DOC_CHARS).exactOptional(),
  })
  .register(contractSchemas, { id: 'DraftField' })
const draftStruct: z.ZodType<StructType> = z.object({
  type: z.literal('struct'),
  fields: z.array(draftField).max(MAX_VIEW_COLUMNS),
})
const draftList: z.ZodType<ListType> = z.object({
  type: z.literal('list'),
  elementId: z.int(),
  element: draftType,
  elementRequired: z.boolean(),
})
const draftMap: z.ZodType<MapType> = z.object({
  type: z.literal('map'),
  keyId: z.int(),
  key: draftType,
  valueId: z.int(),
  value: draftType,
  valueRequired: z.boolean(),
})

export const draftSchema = z
  .object({
    schemaId: z.int(),
    identifierFieldIds: z.array(z.int()).max(MAX_VIEW_COLUMNS),
    fields: z.array(draftField).max(MAX_VIEW_COLUMNS),
  })
  .register(contractSchemas, { id: 'DraftSchema' })

export const refOnWire = z.object({ name: z.string(), type: z.enum(['branch', 'tag']) })
