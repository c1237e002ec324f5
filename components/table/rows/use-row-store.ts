import { useEffect, useState, useSyncExternalStore } from 'react'
import { FilteredRowStore } from '@/lib/client/rows/filtered-row-store'
import { requireFilteredPlan } from '@/lib/client/rows/filtered-scan'
import { RowStore } from '@/lib/client/rows/row-store'
import { rowWorker } from '@/lib/client/rows/row-worker'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { NestedField } from '@/lib/iceberg/schema/types'

type RowStoreOptions = {
  fields: readonly NestedField[]
  where: string | undefined
  showsDeleted: boolean
  onExpired: () => void
}

/**
 * The rows of one scan, which a worker reads as they become visible. The component has to be remounted for another
 * snapshot or schema. Another plan of the same snapshot only brings new tokens.
 *
 * @param options.where the filter of the plan; without it, every row. Another filter needs a remount, too.
 * @param options.showsDeleted whether the rows include deleted ones, which needs a remount, too; not with a filter
 * @param options.onExpired requests a plan with new tokens
 */
export function useRowStore(plan: SignedScanPlan, { fields, where, showsDeleted, onExpired }: RowStoreOptions) {
  const [store] = useState(() =>
    where === undefined
      ? new RowStore(rowWorker, plan, fields, undefined, { showsDeleted })
      : new FilteredRowStore(rowWorker, requireFilteredPlan(plan), { where, fields }),
  )
  const state = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot)

  useEffect(() => {
    if (store instanceof RowStore) {
      store.resume(plan)
      return () => store.close()
    }
    // A search continues with the token of the next plan.
    store.resume(plan)
    return undefined
  }, [store, plan])
  useEffect(() => (store instanceof RowStore ? undefined : () => store.close()), [store])

  useEffect(() => {
    if (state.isExpired) onExpired()
  }, [state.isExpired, onExpired])

  return { store, state }
}
