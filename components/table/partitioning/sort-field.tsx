'use client'
import { ActionIcon } from '@mantine/core'
import { IconArrowUp, IconX } from '@tabler/icons-react'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { columnLabel } from '@/lib/changes/edits/column-target'
import type { RequestedSortField } from '@/lib/changes/intents/replace-sort-order/describe'
import { type SourceColumn, splitTransform } from '@/lib/layout/offered-transforms'
import { parseTransform, transformLabel } from '@/lib/iceberg/partitioning/transform'
import { FieldPicker } from './field-picker'
import classes from './layout-fields.module.css'

const ORDERS = [
  { value: 'asc nulls-first', label: 'asc, nulls first' },
  { value: 'asc nulls-last', label: 'asc, nulls last' },
  { value: 'desc nulls-first', label: 'desc, nulls first' },
  { value: 'desc nulls-last', label: 'desc, nulls last' },
] as const
type Order = (typeof ORDERS)[number]['value']

type SortFieldProps = {
  field: RequestedSortField
  isFirst: boolean
  columns: readonly SourceColumn[]
  canChange: boolean
  onChange: (field: RequestedSortField) => void
  onMoveUp: () => void
  onRemove: () => void
}

/** A field of a sort order: column, transform, direction and where nulls are. */
export function SortField({ field, isFirst, columns, canChange, onChange, onMoveUp, onRemove }: SortFieldProps) {
  const { direction, nullOrder, source, transform, sourceId } = field
  const name = columnLabel(source)
  const order: Order = `${direction} ${nullOrder}`
  if (!canChange) {
    return (
      <li className={classes.field}>
        <code className={classes.label}>{transformLabel(parseTransform(transform), name)}</code>
        <span className={classes.label}>{ORDERS.find(({ value }) => value === order)?.label}</span>
      </li>
    )
  }
  return (
    <li className={classes.field}>
      {splitTransform(transform) === null ? (
        <code className={classes.label}>{transformLabel(parseTransform(transform), name)}</code>
      ) : (
        <FieldPicker
          columns={columns}
          label={`the sort field ${name}`}
          value={field}
          onChange={(next) =>
            onChange({
              ...field,
              ...next,
              source:
                next.sourceId === sourceId
                  ? source
                  : (columns.find((one) => one.sourceId === next.sourceId)?.path ?? source),
            })
          }
        />
      )}
      <LazySelect<Order>
        aria-label={`Direction and nulls of ${name}`}
        className={classes.order ?? ''}
        data={ORDERS}
        value={order}
        allowDeselect={false}
        onChange={(value) => value !== null && onChange({ ...field, ...splitOrder(value) })}
      />
      <span className={classes.buttons}>
        <ActionIcon variant="subtle" aria-label={`Sort by ${name} earlier`} disabled={isFirst} onClick={onMoveUp}>
          <IconArrowUp size={15} stroke={1.6} />
        </ActionIcon>
        <ActionIcon variant="subtle" aria-label={`Stop sorting by ${name}`} onClick={onRemove}>
          <IconX size={15} stroke={1.6} />
        </ActionIcon>
      </span>
    </li>
  )
}

function splitOrder(order: Order): Pick<RequestedSortField, 'direction' | 'nullOrder'> {
  return {
    direction: order.startsWith('asc') ? 'asc' : 'desc',
    nullOrder: order.endsWith('first') ? 'nulls-first' : 'nulls-last',
  }
}
