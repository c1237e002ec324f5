import { parseAsInteger, parseAsString, useQueryStates } from 'nuqs'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { loadCode } from '@/lib/load-code'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowFilter } from './filter/row-filter'

type FilterCode = typeof import('./filter/row-filter')

/** The filter of the address: `reading` until the code that reads it is loaded. */
export type RowFilterState =
  | { kind: 'none' }
  | { kind: 'reading' }
  | { kind: 'ready'; filter: RowFilter }
  | { kind: 'problem'; error: unknown }

/** The filter of the Data tab, which is `?where=` in the address. *Back* returns to the filter before. */
export function useRowFilter(fields: readonly NestedField[]): {
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
  const state = useMemo((): RowFilterState => {
    if (!isNeeded) return { kind: 'none' }
    if (failure) return { kind: 'problem', error: failure.error }
    if (code === null) return { kind: 'reading' }
    try {
      return { kind: 'ready', filter: code.readRowFilter(where, fields) }
    } catch (error) {
      return { kind: 'problem', error }
    }
  }, [isNeeded, failure, code, where, fields])
  const change = useCallback((text: string | null) => void setQuery({ where: text, row: null, open: null }), [setQuery])
  return { state, change }
}
