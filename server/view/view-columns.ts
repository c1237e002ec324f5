import 'server-only'
import type { ViewColumns } from '@/lib/contract/lifecycle/views'
import { renumberFields } from '@/lib/iceberg/schema/renumber-type'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { ResultColumn } from '@/lib/query/engine'

/** Types of DuckDB that other engines do not have, and the types that a view declares instead. */
const REPLACED: Readonly<Record<string, Type>> = {
  HUGEINT: 'long',
  UHUGEINT: 'long',
  UBIGINT: 'long',
  UINTEGER: 'long',
}

/** The columns of a view from those of its result, and remarks to look at. */
export function toViewColumns(columns: readonly ResultColumn[]): ViewColumns {
  const notes: string[] = []
  let lastId = 0
  const fields = columns.map(({ name, type, sqlType }): NestedField => {
    const replaced = REPLACED[sqlType]
    if (replaced !== undefined)
      notes.push(`${name} is ${sqlType} in DuckDB, and ${typeLabel(replaced)} in other engines.`)
    else if (/INTERVAL|BIT|TIME WITH TIME ZONE|UNION|ENUM/.test(sqlType))
      notes.push(`${name} is ${sqlType} in DuckDB, which Iceberg does not have: it is declared as ${typeLabel(type)}.`)
    return { id: 0, name, required: false, type: replaced ?? type }
  })
  return { outcome: 'found', fields: renumberFields(fields, () => (lastId += 1)), notes }
}
