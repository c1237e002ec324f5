'use client'
import { Button } from '@mantine/core'
import { IconKey, IconPlus, IconX } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { ColumnActions } from '@/components/table/schema/edit/column-actions'
import { DefaultCell, DocCell, NameCell, RequiredCell, TypeCell } from '@/components/table/schema/edit/column-cells'
import type { ColumnEdits } from '@/components/table/schema/edit/column-edits'
import { TypeParameters } from '@/components/table/schema/edit/column-details'
import { FoldedColumns, leadWidth, RowLead } from '@/components/table/schema/edit/row-lead'
import { withToggled } from '@/components/table/schema/edit/with-toggled'
import { onTreeKey } from '@/components/table/schema/edit/tree-keys'
import { treeLines, withUnfolded } from '@/components/table/schema/edit/tree-lines'
import { type OtherColumn, TreeTable } from '@/components/table/schema/tree-table'
import type { TreeRow } from '@/components/table/schema/tree-rows'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { NewTableProblem } from '@/lib/changes/new-table/new-table-problems'
import { childFields } from '@/lib/iceberg/schema/child-fields'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { columnMessages, countNotes, shownMessages, withMessages } from './column-messages'
import schemaClasses from '@/components/table/schema/edit/schema-editor.module.css'
import classes from './new-table.module.css'

type ColumnsProps = {
  edits: ColumnEdits
  problems: readonly Pick<NewTableProblem, 'part' | 'message'>[]
  /** Where the columns come from. */
  subtitle: string
  /** Values of a sample, next to the types. */
  sample: OtherColumn | null
  /** Why a type needs a look, by the id of its column. */
  doubts?: ReadonlyMap<number, string>
  /** Above the columns. */
  intro?: ReactNode
  /** Advice while the draft has no columns. */
  empty?: string
}

const NO_COLUMNS = 'No columns yet. Add one, or fill the form from a statement, a file or another table.'

const NO_DOUBTS: ReadonlyMap<number, string> = new Map()

/** The columns of a new table, each with its problems and the doubts about its type below. */
export function DraftColumnsPanel({
  edits,
  problems,
  subtitle,
  sample,
  doubts = NO_DOUBTS,
  intro,
  empty = NO_COLUMNS,
}: ColumnsProps) {
  const [closedIds, setClosedIds] = useState<ReadonlySet<number>>(new Set())
  const [unfoldedIds, setUnfoldedIds] = useState<ReadonlySet<number>>(new Set())
  const toggleClosed = (fieldId: number) => setClosedIds((known) => withToggled(known, fieldId))
  const { schema, rows, openId } = edits
  const messages = columnMessages(problems, doubts)
  const options = { openId, closedIds, unfoldedIds, shownIds: shownMessages(messages), isFolded: false }
  // Every column is new, so none has a mark.
  const room = { marks: false, switches: rows.some(({ field }) => childFields(field.type).length > 0) }
  const lines = withMessages(treeLines(rows, options), messages)
  return (
    <Panel
      title="Columns"
      subtitle={subtitle}
      flush
      actions={
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} stroke={1.6} aria-hidden />}
          onClick={() => edits.add(null)}
        >
          Add column
        </Button>
      }
    >
      {intro}
      {rows.length === 0 ? (
        <EmptyState>{empty}</EmptyState>
      ) : (
        <TreeTable
          lines={lines}
          instead={sample}
          leadWidth={leadWidth(room)}
          hasDefaults={edits.formatVersion >= 3}
          onKeyDown={(event) => onTreeKey(event, { rows: edits.rows, closedIds, onToggle: toggleClosed })}
          cells={{
            lead: (row) => (
              <RowLead
                row={row}
                edits={edits}
                isFixed={false}
                room={room}
                isClosed={closedIds.has(row.fieldId)}
                onToggle={() => toggleClosed(row.fieldId)}
              />
            ),
            name: (row, isOpen) => <NameCell row={row} isOpen={isOpen} edits={edits} isFixed={false} />,
            type: (row, isOpen) => <TypeCell row={row} isOpen={isOpen} edits={edits} />,
            required: (row) => <RequiredCell row={row} edits={edits} isFixed={false} />,
            default: (row, isOpen) => <DefaultCell row={row} isOpen={isOpen} edits={edits} />,
            doc: (row, isOpen) => <DocCell row={row} isOpen={isOpen} edits={edits} />,
            actions: (row) => <ColumnActions row={row} edits={edits} />,
            details: (row) => <Details row={row} edits={edits} />,
            fold: (folded) => (
              <FoldedColumns
                rows={folded}
                noun="more column"
                noteCount={countNotes(rows, folded, messages)}
                onUnfold={() => setUnfoldedIds((known) => withUnfolded(known, folded))}
              />
            ),
          }}
        />
      )}
      {schema.identifierFieldIds.length > 0 && <Identifiers edits={edits} problems={problems} />}
    </Panel>
  )
}

function Details({ row, edits }: { row: TreeRow; edits: ColumnEdits }) {
  return (
    <div className={schemaClasses.details}>
      <TypeParameters row={row} edits={edits} />
      <Button variant="subtle" onClick={() => edits.setOpenId(null)}>
        Done
      </Button>
    </div>
  )
}

function Identifiers({ edits, problems }: Pick<ColumnsProps, 'edits' | 'problems'>) {
  const fields = indexFields(edits.schema)
  return (
    <div className={classes.identifiers}>
      <IconKey size={14} stroke={1.6} aria-hidden />
      <span>Identifier fields</span>
      {edits.schema.identifierFieldIds.map((id) => {
        const name = fields.get(id)?.path.join('.') ?? String(id)
        return (
          <button
            key={id}
            type="button"
            className={classes.chip}
            aria-label={`Remove ${name} from the identifier fields`}
            onClick={() => edits.toggleIdentifier(id)}
          >
            <code>
              <VisibleText>{name}</VisibleText>
            </code>
            <IconX size={12} stroke={1.6} aria-hidden />
          </button>
        )
      })}
      <Problems found={problems.filter(({ part }) => part.kind === 'identifier')} />
    </div>
  )
}

/** The problems of a part of the form. */
export function Problems({ found }: { found: readonly Pick<NewTableProblem, 'message'>[] }): ReactNode {
  return found.map(({ message }) => (
    <p key={message} role="alert" className="bare removed dense">
      {message}
    </p>
  ))
}
