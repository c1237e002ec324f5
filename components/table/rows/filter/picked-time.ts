import { parseClockTime } from '@/lib/format/time'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { Type } from '@/lib/iceberg/schema/types'
import { zonedTimestampText } from '@/lib/iceberg/schema/zoned-time'
import { hasInstants } from '@/lib/scan/value-text'
import { shownInstant } from './write-offsets'

/** The field with which the browser picks values of a type; null if it has none. */
export function pickerKind(type: Type): 'date' | 'datetime-local' | null {
  if (typeof type !== 'string') return null
  const { kind } = parsePrimitive(type)
  if (kind === 'date') return 'date'
  return kind.startsWith('timestamp') ? 'datetime-local' : null
}

/** The text of a condition as the value of such a field; the field ignores a text that is not one. */
export function pickerValue(type: Type, text: string, timeZone: string): string {
  const trimmed = text.trim()
  const shown = shownInstant(trimmed, type, timeZone) ?? trimmed
  return type === 'date' ? shown : shown.slice(0, 'YYYY-MM-DD hh:mm:ss'.length).replace(' ', 'T')
}

/** A value of such a field as the grid would show it; null while none is chosen. An instant is one of the user's clocks. */
export function pickedText(type: Type, value: string, timeZone: string): string | null {
  if (value === '') return null
  if (type === 'date') return value
  if (!hasInstants(type)) return value.replace('T', ' ')
  const atMs = parseClockTime(value, timeZone)
  return Number.isNaN(atMs) ? null : zonedTimestampText(BigInt(atMs) * MICROS_PER_MS, timeZone)
}

const MICROS_PER_MS = 1000n
