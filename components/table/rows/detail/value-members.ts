import { formatQuantity } from '@/lib/format/count'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { Type } from '@/lib/iceberg/schema/types'
import { isJsonContainer, jsonMembers } from '@/lib/scan/json-members'
import type { RowValue } from '@/lib/scan/read/row-values'
import { lineText, toMapEntry, valueJson, valueText } from '@/lib/scan/value-text'

/** A value inside another one, or the whole value of a column. */
export type Member = {
  name: string
  /** How to get to it, as in `leg.gates[1]` and `tags["colour"]`; elements count from 0. */
  path: string
  type: Type
  value: RowValue | null
}

/** More of a text is not drawn; a copy has all of it. */
const MAX_DRAWN_CHARS = 2000

/** Whether a value has members that a tree can show. */
export function hasMembers({ type, value }: Pick<Member, 'type' | 'value'>): boolean {
  if (type === 'variant')
    return typeof value === 'string' && isJsonContainer(value) && !/^\s*(\{\s*\}|\[\s*\])/.test(value)
  return typeof type !== 'string' && Array.isArray(value) && value.length > 0
}

/** @param timeZone in which instants that are keys of a map are named */
export function toMembers({ path, type, value }: Pick<Member, 'path' | 'type' | 'value'>, timeZone: string): Member[] {
  if (type === 'variant' && typeof value === 'string') {
    const isObject = value.trimStart().startsWith('{')
    return (jsonMembers(value) ?? []).map(({ name, text }) => ({
      name,
      path: isObject ? fieldPath(path, name) : `${path}[${name}]`,
      type,
      value: text === 'null' ? null : text,
    }))
  }
  if (typeof type === 'string' || !Array.isArray(value)) return []
  const items: readonly (RowValue | null)[] = value
  switch (type.type) {
    case 'struct':
      return type.fields.map((field, i) => ({
        name: field.name,
        path: fieldPath(path, field.name),
        type: field.type,
        value: items[i] ?? null,
      }))
    case 'list':
      return items.map((item, i) => ({ name: String(i), path: `${path}[${i}]`, type: type.element, value: item }))
    case 'map':
      return items.map((entry) => {
        const [key, item] = toMapEntry(entry)
        const name = key === null ? 'null' : lineText(type.key, key, timeZone)
        const step = typeof key === 'string' && type.key === 'string' ? JSON.stringify(key) : name
        return { name, path: `${path}[${step}]`, type: type.value, value: item }
      })
  }
}

/** The value as the tree writes it: exact, with quotes around text, and shortened when it is very long. */
export function memberText({ type, value }: Pick<Member, 'type' | 'value'>, timeZone: string): string {
  if (value === null) return 'null'
  if (typeof type !== 'string' || (type === 'variant' && hasMembers({ type, value }))) return ''
  if (typeof value === 'object' && !(value instanceof Uint8Array)) return ''
  const isLong = typeof value === 'string' || value instanceof Uint8Array ? value.length > MAX_DRAWN_CHARS : false
  const drawn =
    isLong && (typeof value === 'string' || value instanceof Uint8Array) ? value.slice(0, MAX_DRAWN_CHARS) : value
  const text = typeof drawn === 'string' && type === 'string' ? JSON.stringify(drawn) : valueText(type, drawn, timeZone)
  return isLong ? `${text}…` : text
}

/** How many members a list or a map has, for example `2 items`. */
export function memberCount({ type, value }: Pick<Member, 'type' | 'value'>): string {
  return typeof type !== 'string' && type.type !== 'struct' && Array.isArray(value)
    ? formatQuantity(value.length, 'item')
    : ''
}

/** The whole value for the clipboard: text as it is, JSON for a value with members. */
export function memberCopyText({ type, value }: Pick<Member, 'type' | 'value'>, timeZone: string): string {
  if (value === null) return ''
  if (typeof type !== 'string') return valueJson(type, value, timeZone)
  if (typeof value === 'object' && !(value instanceof Uint8Array)) return ''
  return valueText(type, value, timeZone)
}

export function memberTypeLabel(type: Type): string {
  return typeof type === 'string' || type.type !== 'struct' ? typeLabel(type) : 'struct'
}

function fieldPath(path: string, name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`
}
