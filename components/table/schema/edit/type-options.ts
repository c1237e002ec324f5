import { requireFormatSupportsSchema } from '@/lib/iceberg/metadata/table-rules'
import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { promotions } from '@/lib/iceberg/schema/promotion'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'

/** The types of a new column. Nested ones begin with a column of their own, to be changed in the tree. */
const NEW_TYPES: readonly (readonly [kind: string, type: Type])[] = [
  ...(['boolean', 'int', 'long', 'float', 'double'] as const).map((type) => [type, type] as const),
  ['decimal', 'decimal(18, 2)'],
  ...(['date', 'time', 'timestamp', 'timestamptz', 'string', 'uuid'] as const).map((type) => [type, type] as const),
  ['fixed', 'fixed[16]'],
  ['binary', 'binary'],
  ['struct', { type: 'struct', fields: [{ id: 1, name: 'field', required: false, type: 'string' }] }],
  ['list', { type: 'list', elementId: 1, element: 'string', elementRequired: false }],
  ['map', { type: 'map', keyId: 1, key: 'string', valueId: 2, value: 'string', valueRequired: false }],
  ...(['timestamp_ns', 'timestamptz_ns', 'variant', 'geometry', 'geography', 'unknown'] as const).map(
    (type) => [type, type] as const,
  ),
]

export type TypeOption = { value: string; label: string; disabled: boolean }

/** For a new column: types that need a later format version are listed and not offered. */
export function newTypeOptions(formatVersion: number): TypeOption[] {
  return NEW_TYPES.map(([kind, type]) => {
    const isSupported = isTypeSupported(type, formatVersion)
    return { value: kind, label: isSupported ? kind : `${kind}, format version 3`, disabled: !isSupported }
  })
}

/** The initial type of a chosen kind. */
export function typeOfKind(kind: string, firstId: number): Type {
  const type = NEW_TYPES.find(([known]) => known === kind)?.[1] ?? 'string'
  if (typeof type === 'string') return type
  // The ids have to differ from those in the table until the commit assigns others.
  switch (type.type) {
    case 'struct':
      return { ...type, fields: type.fields.map((field) => ({ ...field, id: firstId })) }
    case 'list':
      return { ...type, elementId: firstId }
    case 'map':
      return { ...type, keyId: firstId, valueId: firstId + 1 }
  }
}

export function kindOfType(type: Type): string {
  return typeof type === 'string' ? parsePrimitive(type).kind : type.type
}

/** The current type of the column, and the types that it can be promoted to. */
export function promotionOptions(type: PrimitiveType): TypeOption[] {
  return [type, ...promotions(type)].map((value) => ({ value, label: value, disabled: false }))
}

function isTypeSupported(type: Type, formatVersion: number): boolean {
  try {
    const fields = [{ id: 0, name: 'column', required: false, type }]
    requireFormatSupportsSchema({ schemaId: 0, identifierFieldIds: [], fields }, formatVersion)
    return true
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}
