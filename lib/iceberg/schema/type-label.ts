import type { Type } from './types'

/** For people, on one line: `struct<lat: double, tags: list<string>>`. */
export function typeLabel(type: Type): string {
  if (typeof type === 'string') return type
  switch (type.type) {
    case 'struct':
      return `struct<${type.fields.map((field) => `${field.name}: ${typeLabel(field.type)}`).join(', ')}>`
    case 'list':
      return `list<${typeLabel(type.element)}>`
    case 'map':
      return `map<${typeLabel(type.key)}, ${typeLabel(type.value)}>`
  }
}
