'use client'
import { useState } from 'react'
import { ChangeDescription } from '@/components/changes/tray/change-description'
import { propertiesWithPending } from '@/components/changes/tray/put-property'
import { ColumnReaders } from '@/components/table/uses/column-readers'
import { useTableLayouts } from '@/components/table/frame/use-table-layouts'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { intentTarget } from '@/lib/changes/intents/intent'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { ColumnBadges } from '../column-badges'
import { SchemaToolbar } from '../schema-toolbar'
import { ShownColumns } from '../shown-columns'
import { TreeTable } from '../tree-table'
import { useSchemaView } from '../use-schema-view'
import { useSelectedColumn } from '../use-selected-column'
import { ColumnActions } from './column-actions'
import { ColumnDetails } from './column-details'
import { DefaultCell, DocCell, NameCell, RequiredCell, TypeCell } from './column-cells'
import { FoldedColumns, RowLead } from './row-lead'
import { onTreeKey } from './tree-keys'
import { treeLines, withUnfolded } from './tree-lines'
import { useSchemaEdits } from './use-schema-edits'
import { withToggled } from './with-toggled'
import classes from './schema-editor.module.css'

/** The columns of the table as the tray would make them. Every edit is a change in the tray. */
export function SchemaEditor() {
  const { loaded, problem } = useTableLayouts()
  if (problem) {
    return (
      <>
        <div className={classes.notes}>{problem}</div>
        <ShownColumns />
      </>
    )
  }
  return loaded ? <LoadedEditor metadata={loaded.metadata} /> : <ShownColumns hasEditor />
}

function LoadedEditor({ metadata }: { metadata: TableMetadata }) {
  const edits = useSchemaEdits(metadata)
  const [{ fold }] = useSchemaView()
  const selectedId = useSelectedColumn()
  const [closedIds, setClosedIds] = useState<ReadonlySet<number>>(new Set())
  const [unfoldedIds, setUnfoldedIds] = useState<ReadonlySet<number>>(new Set())
  const { state, pending, openId } = edits
  const properties = propertiesWithPending(metadata.properties, pending.intents)
  const isReturning = pending.intents.some(({ kind }) => kind === 'set-current-schema')
  const lines = treeLines(edits.rows, {
    openId: isReturning ? null : openId,
    closedIds,
    unfoldedIds,
    shownIds: selectedId === null ? [] : [Number(selectedId)],
    isFolded: fold,
  })
  const toggleClosed = (fieldId: number) => setClosedIds((known) => withToggled(known, fieldId))
  return (
    <>
      <SchemaToolbar onAdd={isReturning ? null : () => edits.add(null)} />
      {(state.misfits.length > 0 || state.problem !== null || edits.notice !== null || isReturning) && (
        <div className={classes.notes}>
          {isReturning && (
            <WarningNote isLive>
              The table returns to another schema. Discard that change to edit columns one by one.
            </WarningNote>
          )}
          {state.misfits.map(({ intent, message }) => (
            <WarningNote key={intentTarget(intent)} isLive>
              <ChangeDescription intent={intent} />
              {message}
            </WarningNote>
          ))}
          {state.problem !== null && <WarningNote isLive>{state.problem}</WarningNote>}
          {edits.notice !== null && <WarningNote isLive>{edits.notice}</WarningNote>}
        </div>
      )}
      <TreeTable
        selectedId={selectedId}
        lines={lines}
        hasDefaults={edits.formatVersion >= 3}
        onKeyDown={(event) => onTreeKey(event, { rows: edits.rows, closedIds, onToggle: toggleClosed })}
        badges={({ fieldId }) => <ColumnBadges fieldId={fieldId} properties={properties} />}
        readers={(column) => <ColumnReaders column={column} />}
        cells={{
          lead: (row) => (
            <RowLead
              row={row}
              edits={edits}
              isFixed={isReturning}
              isClosed={closedIds.has(row.fieldId)}
              onToggle={() => toggleClosed(row.fieldId)}
            />
          ),
          name: (row, isOpen) => <NameCell row={row} isOpen={isOpen} edits={edits} isFixed={isReturning} />,
          type: (row, isOpen) => <TypeCell row={row} isOpen={isOpen} edits={edits} />,
          required: (row) => <RequiredCell row={row} edits={edits} isFixed={isReturning} />,
          default: (row, isOpen) => <DefaultCell row={row} isOpen={isOpen} edits={edits} />,
          doc: (row, isOpen) => <DocCell row={row} isOpen={isOpen} edits={edits} />,
          actions: (row) => !isReturning && <ColumnActions row={row} edits={edits} />,
          details: (row) => <ColumnDetails row={row} edits={edits} />,
          fold: (rows) => (
            <FoldedColumns rows={rows} onUnfold={() => setUnfoldedIds((known) => withUnfolded(known, rows))} />
          ),
        }}
      />
    </>
  )
}
