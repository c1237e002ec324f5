import { useEffect, useState, useSyncExternalStore } from 'react'
import { RowStore } from '@/lib/client/rows/row-store'
import { rowWorker } from '@/lib/client/rows/row-worker'
import type { SignedScanPlan } from '@/lib/contract/scan'
import type { NestedField } from '@/lib/iceberg/schema/types'

/**
 * The rows of one scan, which a worker reads as they become visible. The component has to be remounted for another
 * snapshot or schema. Another plan of the same snapshot only brings new tokens.
 *
 * @param options.showsDeleted whether deleted rows are among them; the same until the component is remounted
 * @param options.onExpired requests such a plan
 */
export function useRowStore(
  plan: SignedScanPlan,
  fields: readonly NestedField[],
  { showsDeleted, onExpired }: { showsDeleted: boolean; onExpired: () => void },
) {
  const [store] = useState(() => new RowStore(rowWorker, plan, fields, undefined, { showsDeleted }))
  const state = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot)

  useEffect(() => {
    store.resume(plan)
    return () => store.close()
  }, [store, plan])

  useEffect(() => {
    if (state.isExpired) onExpired()
  }, [state.isExpired, onExpired])

  return { store, state }
}
