import 'server-only'
import { type FieldSyntax, locateFields, parseFields } from '@/lib/ingest/csv-records'
import { locateJsonParts } from '@/lib/ingest/json-tokens'
import type { TextPart } from '@/lib/ingest/text-reader'
import type { LoadPlan } from '../input/load-plan'
import type { FindValue } from '../input/rejects'

/** Finds rejected values in records of CSV: the field as it is written, if one field fills the column. */
export function findInCsv(
  { columns }: LoadPlan,
  names: readonly string[],
  syntax: FieldSyntax,
): (text: string) => FindValue {
  return (text) => {
    const fields = parseFields(text, syntax)
    const parts = locateFields(text, syntax)
    return ({ column, value }) => {
      const source = columns.find(({ field }) => field.name === column)?.source
      const index = source?.kind === 'field' ? names.indexOf(source.name) : -1
      if (index < 0 || typeof fields === 'string') return { value, part: null }
      return { value: fields[index] ?? null, part: parts?.[index] ?? null }
    }
  }
}

/**
 * Finds rejected values in records of JSON, by their paths such as `address.city`, `tags[2]` or `prices["a"]`. A path that
 * several values have, because names may contain points and brackets, is that of none.
 */
export function findInJson({ columns }: LoadPlan): (text: string) => FindValue {
  return (text) => {
    const members = new Map(locateJsonParts(text).map(({ key, ...part }) => [String(key), part]))
    return ({ column, value, isOfField }) => {
      if (column === null) return { value, part: null }
      if (isOfField) return { value, part: members.get(column) ?? null }
      const found = columns.flatMap(({ field, source }): (TextPart | null)[] => {
        if (!column.startsWith(field.name)) return []
        const path = column.slice(field.name.length)
        const member = source.kind === 'field' ? members.get(source.name) : undefined
        if (member !== undefined) return findPath(text, member, path)
        return path === '' ? [null] : []
      })
      const [only = null] = found
      return { value, part: found.length === 1 ? only : null }
    }
  }
}

function findPath(text: string, part: TextPart, path: string): TextPart[] {
  if (path === '') return [part]
  return locateJsonParts(text.slice(part.start, part.end)).flatMap(({ key, start, end }) => {
    const steps = typeof key === 'number' ? [`[${key}]`] : [`.${key}`, `[${JSON.stringify(key)}]`]
    const inText = { start: part.start + start, end: part.start + end }
    return steps.flatMap((step) => (path.startsWith(step) ? findPath(text, inText, path.slice(step.length)) : []))
  })
}
