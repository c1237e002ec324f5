'use client'
import { Button } from '@mantine/core'
import { IconColumns3, IconSelector } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ColumnsChoice } from './columns-popover'

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
    <LazyMenu
      popup="dialog"
      button={
        <Button
          variant="default"
          leftSection={<IconColumns3 size={14} stroke={1.6} aria-hidden />}
          rightSection={<IconSelector size={13} stroke={1.6} aria-hidden />}
        >
          <span className="sr-only">Compared columns: </span>
          {comparedIds === null ? 'all columns' : `${comparedIds.length} of ${fields.length} columns`}
        </Button>
      }
      load={loadPopover}
      menuProps={{
        choice: {
          label: 'Compared columns',
          hint: 'Rows are equal if their values in these columns are.',
          columns: fields.map(({ id, name, type }) => ({ fieldId: id, name, type })),
          chosenIds: comparedIds ?? [],
          applyLabel: (count) => `Compare ${count === 1 ? 'this column' : 'these columns'}`,
          onApply: onChange,
          resetLabel: 'All columns',
          onReset: () => onChange(null),
        } satisfies ColumnsChoice,
      }}
    />
  )
}

async function loadPopover() {
  return (await import('./columns-popover')).ColumnsPopover
}
