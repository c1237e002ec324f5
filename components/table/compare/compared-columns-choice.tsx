'use client'
import { IconColumns3 } from '@tabler/icons-react'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { ColumnsMenu } from './columns-menu'

/** The columns whose values make rows equal or not. */
export function ComparedColumnsChoice({
  fields,
  comparedIds,
  onChange,
}: {
  /** The columns of both sides. */
  fields: readonly NestedField[]
  /** Null for all of them. */
  comparedIds: readonly number[] | null
  onChange: (comparedIds: readonly number[] | null) => void
}) {
  return (
    <ColumnsMenu
      icon={IconColumns3}
      choice={{
        label: 'Compared columns',
        hint: 'Rows are equal if their values in these columns are.',
        columns: fields.map(({ id, name, type }) => ({ fieldId: id, name, type })),
        chosenIds: comparedIds ?? [],
        applyLabel: (count) => `Compare ${count === 1 ? 'this column' : 'these columns'}`,
        onApply: onChange,
        resetLabel: 'All columns',
        onReset: () => onChange(null),
      }}
    >
      {comparedIds === null ? 'all columns' : `${comparedIds.length} of ${fields.length} columns`}
    </ColumnsMenu>
  )
}
