'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent } from 'react'
import { useSettled } from '@/components/ui/use-settled'
import { viewColumnsQuery } from '@/lib/client/lifecycle/views'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { SqlDraft, ViewVersionDraft } from '@/lib/changes/view-edits/view-draft'
import type { ViewForm } from './use-view-form'

/** Longer than for a review: the server starts a process for each. */
const PAUSE_MS = 900

/**
 * Reads the columns that the open SQL returns, and uses them unless the user declared columns.
 *
 * @param sql null: there is none to read
 */
export function useSqlColumns(
  view: ViewIdentifier,
  sql: SqlDraft | null,
  defaults: Pick<ViewVersionDraft, 'defaultCatalog' | 'defaultNamespace'>,
  form: Pick<ViewForm, 'fields' | 'takeColumns'>,
) {
  const { defaultCatalog, defaultNamespace } = defaults
  const requested = JSON.stringify([sql, defaultCatalog, defaultNamespace])
  const settled = useSettled(requested, PAUSE_MS)
  const isSettled = settled === requested
  const query = useQuery({
    ...viewColumnsQuery(view, sql ?? { dialect: '', sql: '' }, { defaultCatalog, defaultNamespace }),
    enabled: sql !== null && isSettled,
  })
  const isBusy = query.data?.outcome === 'busy'
  const columns = sql !== null && isSettled && !isBusy ? (query.data ?? null) : null
  const onFound = useEffectEvent((fields: readonly NestedField[]) => {
    if (!form.fields.isByHand) form.takeColumns(fields)
  })
  useEffect(() => {
    if (columns?.outcome === 'found') onFound(columns.fields)
  }, [columns])
  return {
    columns,
    error: isSettled ? query.error : null,
    isReading: sql !== null && (!isSettled || query.isLoading || isBusy),
    refetch: query.refetch,
  }
}
