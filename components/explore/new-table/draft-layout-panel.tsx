'use client'
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { PartitionField } from '@/components/table/partitioning/partition-field'
import { SortField } from '@/components/table/partitioning/sort-field'
import fieldClasses from '@/components/table/partitioning/layout-fields.module.css'
import { Panel } from '@/components/ui/panel'
import { type SourceColumn, sourceColumns, suggestCandidates } from '@/lib/layout/offered-transforms'
import { type NewTableDraft, newFieldName } from '@/lib/changes/new-table/new-table-draft'
import type { NewTableProblem } from '@/lib/changes/new-table/new-table-problems'
import { Problems } from './draft-columns-panel'
import classes from './new-table.module.css'
import { OrderEstimate } from './layout-estimates/order-estimate'
import { PartitionEstimate } from './layout-estimates/partition-estimate'
import type { SampledRows } from './sample-column'
import type { NewTableForm } from './use-new-table-form'

type LayoutProps = Pick<NewTableForm, 'draft' | 'changeDraft'> & { problems: readonly NewTableProblem[] }

/**
 * How the rows of a new table are divided into partitions.
 *
 * @param props.rows those of the file that has filled the form; null without one
 */
export function DraftPartitionPanel({
  draft,
  changeDraft,
  problems,
  rows,
}: LayoutProps & { rows: SampledRows | null }) {
  const columns = sourceColumns(draft.schema)
  const setFields = (toNext: (now: NewTableDraft['partitionFields']) => NewTableDraft['partitionFields']) =>
    changeDraft((now) => ({ ...now, partitionFields: toNext(now.partitionFields) }))
  const pathOf = (id: number) => columns.find(({ sourceId }) => sourceId === id)?.path ?? []
  return (
    <Panel title="Partition spec" subtitle={draft.partitionFields.length === 0 ? 'not partitioned' : 'spec 0'}>
      <ul className={fieldClasses.fields} aria-label="Partition fields">
        {draft.partitionFields.map((field, i) => (
          // The column, the transform and the name change while a field is edited.
          <FieldWithProblems key={i} problems={problems} kind="partition-field" index={i}>
            <PartitionField
              field={field}
              columns={columns}
              onPick={(next) =>
                setFields((now) =>
                  now.with(i, {
                    ...next,
                    name:
                      field.name === newFieldName(pathOf(field.sourceId), field.transform)
                        ? newFieldName(pathOf(next.sourceId), next.transform)
                        : field.name,
                  }),
                )
              }
              onRename={(name) => {
                setFields((now) => now.with(i, { ...field, name }))
                return null
              }}
              onRemove={() => setFields((now) => now.toSpliced(i, 1))}
            />
          </FieldWithProblems>
        ))}
      </ul>
      <AddButton
        label="Add partition field"
        disabled={columns.length === 0}
        onClick={() => {
          const next = firstPartition(draft, columns)
          if (next) setFields((now) => [...now, { ...next, name: newFieldName(pathOf(next.sourceId), next.transform) }])
        }}
      />
      {rows && (
        <div className={classes.estimate}>
          <PartitionEstimate rows={rows} draft={draft} />
        </div>
      )}
    </Panel>
  )
}

/**
 * How writers sort the rows of a new table.
 *
 * @param props.rows those of the file that has filled the form; null without one
 */
export function DraftSortPanel({ draft, changeDraft, problems, rows }: LayoutProps & { rows: SampledRows | null }) {
  const columns = sourceColumns(draft.schema)
  const setFields = (toNext: (now: NewTableDraft['sortFields']) => NewTableDraft['sortFields']) =>
    changeDraft((now) => ({ ...now, sortFields: toNext(now.sortFields) }))
  const unused = columns.find(({ sourceId }) => !draft.sortFields.some((field) => field.sourceId === sourceId))
  return (
    <Panel title="Sort order" subtitle={draft.sortFields.length === 0 ? 'not sorted' : 'order 1'}>
      <ol className={fieldClasses.fields} aria-label="Sort fields">
        {draft.sortFields.map((field, i) => (
          <FieldWithProblems key={i} problems={problems} kind="sort-field" index={i}>
            <SortField
              field={{ ...field, source: columns.find(({ sourceId }) => sourceId === field.sourceId)?.path ?? [] }}
              isFirst={i === 0}
              columns={columns}
              canChange
              onChange={({ sourceId, transform, direction, nullOrder }) =>
                setFields((now) => now.with(i, { sourceId, transform, direction, nullOrder }))
              }
              onMoveUp={() => setFields((now) => now.toSpliced(i, 1).toSpliced(i - 1, 0, field))}
              onRemove={() => setFields((now) => now.toSpliced(i, 1))}
            />
          </FieldWithProblems>
        ))}
      </ol>
      <AddButton
        label="Add sort field"
        disabled={unused === undefined}
        onClick={() =>
          unused &&
          setFields((now) => [
            ...now,
            { sourceId: unused.sourceId, transform: 'identity', direction: 'asc', nullOrder: 'nulls-first' },
          ])
        }
      />
      {rows && draft.sortFields.length > 0 && (
        <div className={classes.estimate}>
          <OrderEstimate rows={rows} draft={draft} />
        </div>
      )}
    </Panel>
  )
}

function AddButton({ label, disabled, onClick }: { label: string; disabled: boolean; onClick: () => void }) {
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconPlus size={14} stroke={1.6} aria-hidden />}
      disabled={disabled}
      onClick={onClick}
    >
      {label}
    </Button>
  )
}

function FieldWithProblems({
  problems,
  kind,
  index,
  children,
}: {
  problems: readonly NewTableProblem[]
  kind: 'partition-field' | 'sort-field'
  index: number
  children: React.ReactNode
}) {
  return (
    <>
      {children}
      <Problems found={problems.filter(({ part }) => part.kind === kind && 'index' in part && part.index === index)} />
    </>
  )
}

/** Months of a time first, and otherwise the first column that no field has. */
function firstPartition({ schema, partitionFields }: NewTableDraft, columns: readonly SourceColumn[]) {
  const taken = new Set(partitionFields.map(({ sourceId }) => sourceId))
  const suggested = suggestCandidates(schema, null).flatMap(([one]) => one ?? [])
  const column = columns.find(({ sourceId }) => !taken.has(sourceId)) ?? columns[0]
  return (
    suggested.find(({ sourceId }) => !taken.has(sourceId)) ??
    (column && { sourceId: column.sourceId, transform: 'identity' })
  )
}
