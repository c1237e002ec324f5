'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconArrowUp, IconPlus, IconX } from '@tabler/icons-react'
import { Panel } from '@/components/ui/panel'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import type { WantedSortField } from '@/lib/iceberg/intents/replace-sort-order/words'
import { columnLabel } from '@/lib/iceberg/intents/column-target'
import { sourceColumns, splitTransform } from '@/lib/iceberg/layout/offered-transforms'
import { currentSchema, defaultSortOrder } from '@/lib/iceberg/metadata/current-layout'
import { sortOrderLabel } from '@/lib/iceberg/partitioning/sort-order'
import { parseTransform, transformLabel } from '@/lib/iceberg/partitioning/transform'
import { FieldPicker } from './field-picker'
import { newSortField, replaceSortFields, wantedSortFields } from './layout-edits'
import { TodayText } from './today-text'
import type { LayoutEdits } from './use-layout-edits'
import classes from './layout-fields.module.css'

const ORDERS = [
  { value: 'asc nulls-first', label: 'asc, nulls first' },
  { value: 'asc nulls-last', label: 'asc, nulls last' },
  { value: 'desc nulls-first', label: 'desc, nulls first' },
  { value: 'desc nulls-last', label: 'desc, nulls last' },
] as const
type Order = (typeof ORDERS)[number]['value']

/** The fields of the sort order as the tray makes them. */
export function SortPanel({ edits }: { edits: LayoutEdits }) {
  const { metadata, intents, canChange, change } = edits
  const schema = currentSchema(metadata)
  const columns = sourceColumns(schema)
  const fields = wantedSortFields(metadata, intents)
  const isChanged = intents.some(({ kind }) => kind === 'replace-sort-order' || kind === 'set-default-sort-order')
  const isReturning = intents.some(({ kind }) => kind === 'set-default-sort-order')
  const setFields = (toNext: (now: readonly WantedSortField[]) => readonly WantedSortField[]) =>
    change((known) => replaceSortFields(metadata, known, toNext(wantedSortFields(metadata, known))))
  const today = sortOrderLabel(defaultSortOrder(metadata), schema)
  const unused = columns.find(({ sourceId }) => !fields.some((field) => field.sourceId === sourceId)) ?? columns[0]
  return (
    <Panel
      title="Sort order"
      subtitle={`order ${metadata.defaultSortOrderId}`}
      actions={isChanged && <span className={classes.changed}>changed</span>}
    >
      <TodayText label={today} none="unsorted" />
      {isReturning ? (
        <p className={classes.note}>The table returns to another order. Discard that change to edit its fields.</p>
      ) : (
        <>
          <ol className={classes.fields} aria-label="Sort fields">
            {fields.map((field, i) => (
              <SortField
                key={i}
                field={field}
                isFirst={i === 0}
                columns={columns}
                canChange={canChange}
                onChange={(next) => setFields((now) => now.map((one, at) => (at === i ? next : one)))}
                onMoveUp={() => setFields((now) => now.toSpliced(i, 1).toSpliced(i - 1, 0, field))}
                onRemove={() => setFields((now) => now.toSpliced(i, 1))}
              />
            ))}
          </ol>
          {canChange && (
            <div className={classes.foot}>
              <Button
                size="xs"
                variant="default"
                leftSection={<IconPlus size={14} stroke={1.6} aria-hidden />}
                disabled={unused === undefined}
                onClick={() =>
                  unused &&
                  setFields((now) => [
                    ...now,
                    newSortField(metadata, { sourceId: unused.sourceId, transform: 'identity' }),
                  ])
                }
              >
                Add sort field
              </Button>
            </div>
          )}
        </>
      )}
      <p className={classes.note}>
        Writers that honour it sort new files. Files that are there stay as they are until they are written again.
      </p>
    </Panel>
  )
}

type SortFieldProps = {
  field: WantedSortField
  isFirst: boolean
  columns: ReturnType<typeof sourceColumns>
  canChange: boolean
  onChange: (field: WantedSortField) => void
  onMoveUp: () => void
  onRemove: () => void
}

function SortField({ field, isFirst, columns, canChange, onChange, onMoveUp, onRemove }: SortFieldProps) {
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
        <ActionIcon variant="subtle" aria-label={`Do not sort by ${name}`} onClick={onRemove}>
          <IconX size={15} stroke={1.6} />
        </ActionIcon>
      </span>
    </li>
  )
}

function splitOrder(order: Order): Pick<WantedSortField, 'direction' | 'nullOrder'> {
  return {
    direction: order.startsWith('asc') ? 'asc' : 'desc',
    nullOrder: order.endsWith('first') ? 'nulls-first' : 'nulls-last',
  }
}
