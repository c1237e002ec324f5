import { useMemo } from 'react'
import type { GridColumn } from '@/components/ui/grid/grid-cell'
import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { type NullShare, toGridColumn } from '../row-cell'

/** Shares of nulls by column; null if the snapshot has too many files to add them up. */
export type NullShares = readonly { fieldId: number; share: number }[] | null | Error | 'loading'

/** The columns of a scan with their shares of nulls. */
export function useGridColumns(
  { rowCount, deleteFileCount }: Pick<SignedScanPlan, 'rowCount' | 'deleteFileCount'>,
  fields: readonly NestedField[],
  nullShares: NullShares,
): readonly GridColumn[] {
  return useMemo(
    () =>
      fields.map((field) =>
        toGridColumn(field, rowCount === 0 ? undefined : nullShareOf(field, nullShares), deleteFileCount > 0),
      ),
    [fields, nullShares, rowCount, deleteFileCount],
  )
}

function nullShareOf({ id }: NestedField, nullShares: NullShares): NullShare {
  if (nullShares === 'loading') return nullShares
  if (nullShares instanceof Error) return { unknownBecause: nullShares.message }
  if (nullShares === null) return { unknownBecause: 'the snapshot has too many files to count their nulls' }
  return nullShares.find(({ fieldId }) => fieldId === id)?.share ?? null
}
