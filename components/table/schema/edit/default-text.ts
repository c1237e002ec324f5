import { AppError } from '@/lib/errors'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { readDefault } from '@/lib/changes/edits/default-edits'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { Type } from '@/lib/iceberg/schema/types'

/** Kinds whose JSON values have no quotes. */
const BARE_KINDS = new Set(['boolean', 'int', 'long', 'float', 'double'])

/** A typed default as the JSON text of an intent; null for no default. */
export function defaultFromTyped(type: Type, typed: string): { value: string | null; problem: string | null } {
  if (typed === '') return { value: null, problem: null }
  const isBare = typeof type === 'string' && BARE_KINDS.has(parsePrimitive(type).kind)
  const value = isBare ? typed.trim() : stringifyExactJson(typed)
  try {
    const read = readDefault(type, value, { column: 'column', which: 'write' })
    return { value: typeof read === 'string' ? stringifyExactJson(read) : value, problem: null }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    // Only a number with too many decimals is refused by a sentence about the value itself.
    const problem = error.message.startsWith(`${typed} has `)
      ? error.message
      : `${typed} is not a valid ${typeLabel(type)}.`
    return { value: null, problem }
  }
}

/** The JSON text of a default as a person types it. */
export function typedDefault(value: string | null): string {
  if (value === null) return ''
  const json = parseExactJson(value)
  return typeof json === 'string' ? json : value
}
