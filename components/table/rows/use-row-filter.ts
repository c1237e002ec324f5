import { useQuery } from '@tanstack/react-query'
import { parseAsInteger, parseAsString, useQueryStates } from 'nuqs'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { tableSchemasQuery } from '@/lib/client/table/table-schemas'
import { loadCode } from '@/lib/load-code'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { RowFilter } from './filter/row-filter'

type FilterCode = typeof import('./filter/row-filter')

/** The filter of the address: `reading` until the code that reads it is loaded. */
export type RowFilterState =
  | { kind: 'none' }
  | { kind: 'reading' }
  | { kind: 'ready'; filter: RowFilter }
  | { kind: 'problem'; title: string; error: unknown }

/**
 * The filter of the Data tab, which is `?where=` in the address. *Back* returns to the filter before. A column that the
 * shown schema has under another name is found by its field id.
 */
export function useRowFilter(
  fields: readonly NestedField[],
  { table, metadataLocation }: { table: TableIdentifier; metadataLocation: string },
): {
  state: RowFilterState
  /** Shows the rows that pass all of them, from the first one. */
  change: (text: string | null) => void
} {
  const [{ where }, setQuery] = useQueryStates(
    { where: parseAsString, row: parseAsInteger, open: parseAsInteger },
    { history: 'push' },
  )
  const [code, setCode] = useState<FilterCode | null>(null)
  const [failure, setFailure] = useState<{ error: unknown } | null>(null)
  const isNeeded = where !== null && where !== ''
  useEffect(() => {
    if (!isNeeded || code !== null) return
    void loadCode(() => import('./filter/row-filter')).then(setModule, (error: unknown) => setFailure({ error }))
    function setModule(loaded: FilterCode) {
      setCode(loaded)
    }
  }, [isNeeded, code])
  const needsSchemas = useMemo(
    () => isNeeded && code !== null && code.needsOtherSchemas(where, fields),
    [isNeeded, code, where, fields],
  )
  const { data: schemas, error: schemasError } = useQuery({
    ...tableSchemasQuery(table, metadataLocation),
    enabled: needsSchemas,
  })
  const state = useMemo((): RowFilterState => {
    if (!isNeeded) return { kind: 'none' }
    if (failure) return { kind: 'problem', title: 'Could not load the filter', error: failure.error }
    if (code === null) return { kind: 'reading' }
    if (needsSchemas && schemas === undefined) {
      if (schemasError === null) return { kind: 'reading' }
      return { kind: 'problem', title: 'Could not look up the columns of the filter', error: schemasError }
    }
    try {
      return { kind: 'ready', filter: code.readRowFilter(where, fields, schemas) }
    } catch (error) {
      return { kind: 'problem', title: 'Invalid filter in the URL', error }
    }
  }, [isNeeded, failure, code, needsSchemas, schemas, schemasError, where, fields])
  const change = useCallback((text: string | null) => void setQuery({ where: text, row: null, open: null }), [setQuery])
  return { state, change }
}
