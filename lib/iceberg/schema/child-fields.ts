import type { NestedField, Type } from './types'

/** The fields directly inside a type: of a struct its fields, of a list `element`, of a map `key` and `value`. */
export function childFields(type: Type): readonly NestedField[] {
  if (typeof type === 'string') return []
  switch (type.type) {
    case 'struct':
      return type.fields
    case 'list':
      return [{ id: type.elementId, name: 'element', required: type.elementRequired, type: type.element }]
    case 'map':
      return [
        { id: type.keyId, name: 'key', required: true, type: type.key },
        { id: type.valueId, name: 'value', required: type.valueRequired, type: type.value },
      ]
  }
}
