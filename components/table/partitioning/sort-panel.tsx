'use client'
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Panel } from '@/components/ui/panel'
import type { RequestedSortField } from '@/lib/changes/intents/replace-sort-order/describe'
import { sourceColumns } from '@/lib/layout/offered-transforms'
import { currentSchema, defaultSortOrder } from '@/lib/iceberg/metadata/current-layout'
import { sortOrderLabel } from '@/lib/iceberg/partitioning/sort-order'
import { newSortField, replaceSortFields, requestedSortFields } from './layout-edits'
import { SortField } from './sort-field'
import { TodayText } from './today-text'
import type { LayoutEdits } from './use-layout-edits'
import classes from './layout-fields.module.css'

/** The fields of the sort order as the tray makes them, above the columns that queries filter on. */
export function SortPanel({ edits, children }: { edits: LayoutEdits; children: ReactNode }) {
  const { metadata, intents, canChange, change } = edits
  const schema = currentSchema(metadata)
  const columns = sourceColumns(schema)
  const fields = requestedSortFields(metadata, intents)
  const isChanged = intents.some(({ kind }) => kind === 'replace-sort-order' || kind === 'set-default-sort-order')
  const isReturning = intents.some(({ kind }) => kind === 'set-default-sort-order')
  const setFields = (toNext: (now: readonly RequestedSortField[]) => readonly RequestedSortField[]) =>
    change((known) => replaceSortFields(metadata, known, toNext(requestedSortFields(metadata, known))))
  const today = sortOrderLabel(defaultSortOrder(metadata), schema)
  const unused = columns.find(({ sourceId }) => !fields.some((field) => field.sourceId === sourceId)) ?? columns[0]
  return (
    <Panel
      title="Sort order"
      subtitle={`order ${metadata.defaultSortOrderId}`}
      actions={isChanged && <span className={classes.changed}>changed</span>}
      flush
    >
      <div className="padded">
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
              <div className="row wrap gap-8 between">
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
          Writers that support it, Lakeshore among them, sort new files. Existing files keep their order, even when
          Lakeshore rewrites them. To sort them, use another engine, such as Spark with <code>rewrite_data_files</code>.
        </p>
      </div>
      {children}
    </Panel>
  )
}
