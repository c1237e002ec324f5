import 'server-only'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { Type } from '@/lib/iceberg/schema/types'
import type { NumbersOf } from '@/lib/ingest/readings/csv-questions'

type Numbers = ReturnType<NumbersOf>

/** Which numbers a column holds; null if it holds other values. */
export function numbersIn(type: Type): Numbers {
  if (typeof type !== 'string') return null
  switch (parsePrimitive(type).kind) {
    case 'int':
    case 'long':
      return 'whole'
    case 'decimal':
    case 'float':
    case 'double':
      return 'fractions'
    default:
      return null
  }
}

/** The numbers that the columns of a table take from the fields of a file. A field may fill several. */
export function listNumbers(filled: readonly { type: Type; source: string }[]): NumbersOf {
  const byField = new Map<string, Numbers>()
  for (const { type, source } of filled)
    if (byField.get(source) !== 'fractions') byField.set(source, numbersIn(type) ?? byField.get(source) ?? null)
  return (field) => byField.get(field) ?? null
}
