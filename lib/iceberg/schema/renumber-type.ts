import type { NestedField, Type } from './types'

/**
 * A type with new ids for the fields within, in the order of other writers: all fields of a struct first, then the
 * contents of each in turn.
 *
 * Spec: Iceberg table spec, *Column IDs*.
 */
export function renumberType(type: Type, takeId: (oldId: number) => number): Type {
  if (typeof type === 'string') return type
  switch (type.type) {
    case 'struct':
      return { ...type, fields: renumberFields(type.fields, takeId) }
    case 'list': {
      const elementId = takeId(type.elementId)
      return { ...type, elementId, element: renumberType(type.element, takeId) }
    }
    case 'map': {
      const [keyId, valueId] = [takeId(type.keyId), takeId(type.valueId)]
      return { ...type, keyId, valueId, key: renumberType(type.key, takeId), value: renumberType(type.value, takeId) }
    }
  }
}

/** As {@link renumberType}, for the fields of a schema or a struct. */
export function renumberFields(fields: readonly NestedField[], takeId: (oldId: number) => number): NestedField[] {
  const numbered = fields.map((field) => ({ ...field, id: takeId(field.id) }))
  return numbered.map((field) => ({ ...field, type: renumberType(field.type, takeId) }))
}
