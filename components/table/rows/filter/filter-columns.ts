import { indexFields } from '@/lib/iceberg/schema/schema'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { ColumnReference } from '@/lib/scan/predicate/predicate'

/** A column that a filter can test. */
export type FilterColumn = { fieldId: number; reference: ColumnReference; name: string; type: Type }

/** All columns at the top and inside structs. A column whose name does not identify it is referred to by its id. */
export function filterColumns(fields: readonly NestedField[]): FilterColumn[] {
  const indexed = [...indexFields({ fields }).values()]
  const nameCounts = new Map<string, number>()
  for (const { path } of indexed) nameCounts.set(path.join('.'), (nameCounts.get(path.join('.')) ?? 0) + 1)
  return indexed
    .filter(({ isRepeated }) => !isRepeated)
    .map(({ field, path }) => {
      const name = path.join('.')
      const reference = nameCounts.get(name) === 1 && name !== '' ? name : field.id
      return { fieldId: field.id, reference, name, type: field.type }
    })
}
