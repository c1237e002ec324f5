import type { Type } from '@/lib/iceberg/schema/types'
import { isJsonContainer } from '@/lib/scan/json-members'
import type { RowValue } from '@/lib/scan/read/row-values'
import { hasMembers, type Member } from './value-members'

/** A longer text is not drawn as a tree, which would block the page. */
export const MAX_JSON_CHARS = 1_048_576

/**
 * A value that the panel shows as a tree. Text with JSON is a variant, whose numbers keep all their digits; `tree` is
 * null if it is too long.
 */
export type PanelValue = { name: string; text: string | null; tree: Pick<Member, 'type' | 'value'> | null }

/** Null for a value without members, such as text that is not JSON. */
export function toPanelValue(name: string, type: Type, value: RowValue | null): PanelValue | null {
  if (value === null) return null
  const isText = type === 'string' || type === 'variant'
  if (!isText) return hasMembers({ type, value }) ? { name, text: null, tree: { type, value } } : null
  if (typeof value !== 'string' || !isJsonContainer(value)) return null
  if (value.length > MAX_JSON_CHARS) return { name, text: value, tree: null }
  const tree = { type: 'variant' as const, value: value.trim() }
  return hasMembers(tree) && isJson(value) ? { name, text: value, tree } : null
}

/** Validates only: what it parses is thrown away, because its numbers have lost digits. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
