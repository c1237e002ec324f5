import { toPlainNumbers } from '@/lib/iceberg/json/plain-numbers'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'

/** The fields with what reading them needs, at any depth. They can be posted to another thread. */
export function toPostableFields(fields: readonly NestedField[]): readonly NestedField[] {
  return fields.map(({ id, name, required, type, initialDefault }) => ({
    id,
    name,
    required,
    type: toPostableType(type),
    ...(initialDefault !== undefined && { initialDefault: toPlainNumbers(initialDefault) }),
  }))
}

function toPostableType(type: Type): Type {
  if (typeof type === 'string') return type
  const { unknownFields: _, ...known } = type
  switch (known.type) {
    case 'struct':
      return { ...known, fields: toPostableFields(known.fields) }
    case 'list':
      return { ...known, element: toPostableType(known.element) }
    case 'map':
      return { ...known, key: toPostableType(known.key), value: toPostableType(known.value) }
  }
}
