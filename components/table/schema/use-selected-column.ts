'use client'
import { parseAsString, useQueryState } from 'nuqs'

/** The id of the column that a link leads to (`paths.column`). */
export function useSelectedColumn(): string | null {
  const [fieldId] = useQueryState('column', parseAsString)
  return fieldId
}
