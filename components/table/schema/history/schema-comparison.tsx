'use client'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { NestedField, Schema } from '@/lib/iceberg/schema/types'
import { ownTypeLabel } from '../tree-rows'
import { type ColumnDifference, schemaDifferences } from './schema-differences'
import classes from './schema-history.module.css'

/** Two schemas side by side, column by column. */
export function SchemaComparison({ before, after }: { before: Schema; after: Schema }) {
  return (
    <DataTable
      label="Differences"
      columns={buildColumns(before.schemaId, after.schemaId)}
      rows={schemaDifferences(before, after)}
      rowKey={({ fieldId }) => String(fieldId)}
      rowTone={({ before: was, after: is }) => (was === null ? 'added' : is === null ? 'removed' : undefined)}
      rowHeight={32}
      stacks
    />
  )
}

function buildColumns(beforeId: number, afterId: number): Column<ColumnDifference>[] {
  return [
    { id: 'id', header: 'Id', align: 'end', width: 56, cell: ({ fieldId }) => fieldId },
    {
      id: 'before',
      header: `Schema ${beforeId}`,
      cell: ({ before, depth }) => <Side field={before} depth={depth} />,
    },
    {
      id: 'after',
      header: afterId === beforeId ? 'The same schema' : `Schema ${afterId}`,
      cell: ({ after, depth }) => <Side field={after} depth={depth} />,
    },
    {
      id: 'changes',
      header: 'Change',
      cell: ({ changes, before, after }) => {
        if (changes.length === 0) return <span className={classes.same}>–</span>
        const sign = before === null ? '+' : after === null ? '−' : '~'
        return (
          <span className={classes.change} data-sign={sign}>
            {sign} {changes.join(', ')}
          </span>
        )
      },
    },
  ]
}

function Side({ field, depth }: { field: NestedField | null; depth: number }) {
  if (field === null) return <span className={classes.same}>not there</span>
  return (
    <span className={classes.side} style={{ paddingLeft: depth * 18 }}>
      <VisibleText>{field.name}</VisibleText> <code>{ownTypeLabel(field.type)}</code>
      {field.required && <span className={classes.same}> required</span>}
    </span>
  )
}
