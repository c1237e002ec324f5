'use client'
import { IconKey } from '@tabler/icons-react'
import type { CSSProperties, KeyboardEvent, ReactNode } from 'react'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { VisibleText } from '@/components/ui/values/visible-text'
import { visibleText } from '@/lib/format/visible-text'
import { ownTypeLabel, type TreeRow } from './tree-rows'
import { useOpenRowFocus } from './use-open-row-focus'
import classes from './tree-table.module.css'

const INDENT_PX = 18
/** The columns of an editor in pixels; next to another column, so that the doc is in sight, too. */
const WIDTHS = { column: 250, type: 150, required: 80, actions: 60 }
const TIGHT_WIDTHS = { column: 186, type: 140, required: 64, actions: 52 }

/** Folded columns that are named. */
const MAX_FOLDED_NAMES = 20

/** A line of the table: a column, what belongs below it (details, a problem, a doubt), or several folded ones. */
export type TreeLine =
  | { kind: 'column'; row: TreeRow; isOpen: boolean }
  | { kind: 'details'; row: TreeRow }
  | { kind: 'problem' | 'doubt'; row: TreeRow; message: string }
  | { kind: 'fold'; rows: readonly TreeRow[] }

/** An editor's replacements for a column's text. */
export type TreeCells = {
  /** Before the name, and after it. */
  lead: (row: TreeRow) => ReactNode
  name: (row: TreeRow, isOpen: boolean) => ReactNode
  type: (row: TreeRow, isOpen: boolean) => ReactNode
  required: (row: TreeRow) => ReactNode
  default: (row: TreeRow, isOpen: boolean) => ReactNode
  doc: (row: TreeRow, isOpen: boolean) => ReactNode
  actions: (row: TreeRow) => ReactNode
  details: (row: TreeRow) => ReactNode
  fold?: (rows: readonly TreeRow[]) => ReactNode
}

/** A column of the table that replaces the ids, for columns without an id. */
export type OtherColumn = { header: string; width: number; cell: (row: TreeRow) => ReactNode }

/**
 * The columns of a schema, nested ones under their parent, with their ids.
 *
 * @param props.cells of an editor
 * @param props.leadWidth from the edge of the table to the names in pixels, which the lead of an editor takes
 * @param props.badges shown after the name of a column
 * @param props.readers shown in a column of its own: what reads a column at the top level, by its current name
 * @param props.hasEditor whether to reserve space for an editor's cells before they are known
 * @param props.hasDefaults whether to reserve space for the field of a default, which columns have from format version
 * 3 on
 * @param props.selectedId the column that a link leads to
 * @param props.instead replaces the ids; null leaves the column out
 */
export function TreeTable({
  lines,
  cells,
  leadWidth = 84,
  badges,
  readers,
  hasEditor = cells !== undefined,
  hasDefaults = false,
  instead,
  selectedId,
  onKeyDown,
}: {
  lines: readonly TreeLine[]
  cells?: TreeCells
  leadWidth?: number
  badges?: (row: TreeRow) => ReactNode
  readers?: ((column: string) => ReactNode) | undefined
  hasEditor?: boolean
  hasDefaults?: boolean
  instead?: OtherColumn | null
  selectedId?: string | null
  /** Hears keys of all columns. */
  onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void
}) {
  const openLine = lines.find((line) => line.kind === 'column' && line.isOpen)
  const root = useOpenRowFocus(openLine?.kind === 'column' ? openLine.row.fieldId : null)
  return (
    <div
      ref={root}
      role="presentation"
      className={classes.keys}
      data-lead={cells !== undefined || undefined}
      data-tight={instead ? true : undefined}
      style={{ '--lead-width': `${leadWidth}px` } as CSSProperties}
      onKeyDown={onKeyDown}
    >
      <DataTable
        label="Schema"
        columns={buildColumns({ cells, badges, readers, instead }, { hasEditor, hasDefaults })}
        rows={lines}
        rowKey={lineKey}
        rowHeight={32}
        rowTone={(line) => (line.kind === 'fold' ? 'quiet' : lineTone(line.row))}
        rowMessage={(line) =>
          line.kind === 'details' ? (
            (cells?.details(line.row) ?? null)
          ) : line.kind === 'problem' ? (
            <span role="alert" className={`removed dense ${classes.message}`}>
              {line.message}
            </span>
          ) : line.kind === 'doubt' ? (
            <span className={`warn dense ${classes.message}`}>{line.message}</span>
          ) : line.kind === 'fold' ? (
            <span className="quiet">{foldedNames(line.rows)}</span>
          ) : null
        }
        {...(selectedId !== undefined && selectedId !== null && { selectedKey: selectedId, revealsSelected: true })}
        gutter
        scrolls
        stacks
      />
    </div>
  )
}

function foldedNames(rows: readonly TreeRow[]): string {
  const names = rows.slice(0, MAX_FOLDED_NAMES).map(({ field }) => field.name)
  return names.join(', ') + (names.length < rows.length ? ', …' : '')
}

function lineKey(line: TreeLine): string {
  if (line.kind === 'fold') return `fold ${line.rows[0]?.fieldId}`
  return line.kind === 'column' ? String(line.row.fieldId) : `${line.kind} ${line.row.fieldId}`
}

function lineTone({ mark }: TreeRow): 'added' | 'removed' | undefined {
  return mark === '+' ? 'added' : mark === '−' ? 'removed' : undefined
}

type Drawn = {
  cells: TreeCells | undefined
  badges: ((row: TreeRow) => ReactNode) | undefined
  readers: ((column: string) => ReactNode) | undefined
  instead: OtherColumn | null | undefined
}

/** Space that is reserved before its content is known. */
type Room = { hasEditor: boolean; hasDefaults: boolean }

function buildColumns(
  { cells, badges, readers, instead }: Drawn,
  { hasEditor, hasDefaults }: Room,
): Column<TreeLine>[] {
  const widths = instead ? TIGHT_WIDTHS : WIDTHS
  const isCompact = (line: TreeLine) => line.kind !== 'column' || !line.isOpen
  const ofColumn = (draw: (row: TreeRow, isOpen: boolean) => ReactNode) => (line: TreeLine) =>
    line.kind === 'column' ? draw(line.row, line.isOpen) : null
  const columns: Column<TreeLine>[] = [
    {
      id: 'column',
      header: 'Column',
      weight: 'name',
      ...(hasEditor && { width: widths.column }),
      cell: (line) => {
        if (line.kind === 'fold') return cells?.fold?.(line.rows)
        if (line.kind !== 'column') return null
        const { row, isOpen } = line
        return (
          <div
            className={hasEditor ? classes.editable : undefined}
            style={{ paddingLeft: row.depth * INDENT_PX }}
            data-field-id={row.fieldId}
          >
            <div className={classes.line}>
              {cells?.lead(row)}
              {cells ? cells.name(row, isOpen) : <ColumnName row={row} />}
              {row.role === 'column' && badges?.(row)}
            </div>
            {!isOpen && <CompactFacts row={row} hasId={instead === undefined} />}
          </div>
        )
      },
    },
    {
      id: 'type',
      header: 'Type',
      tableOnly: isCompact,
      ...(hasEditor && { width: widths.type }),
      cell: ofColumn((row, isOpen) => (
        <div className={hasEditor ? classes.editableType : undefined}>
          {cells?.type(row, isOpen) ?? <TypeText row={row} />}
        </div>
      )),
    },
    ...idColumn(instead, ofColumn),
    {
      id: 'required',
      header: 'Required',
      tableOnly: isCompact,
      ...(hasEditor && { width: widths.required }),
      cell: ofColumn((row) => cells?.required(row) ?? <RequiredText isRequired={row.field.required} />),
    },
  ]
  if (hasEditor) {
    columns.push({
      id: 'default',
      header: 'Default',
      headerTitle: 'The value of rows that are written without one',
      tableOnly: isCompact,
      roomyOnly: true,
      width: hasDefaults ? 200 : 110,
      cell: ofColumn((row, isOpen) => (
        <div className={hasDefaults ? classes.default : undefined} data-beside={instead ? 'other' : undefined}>
          {cells?.default(row, isOpen)}
        </div>
      )),
    })
  }
  if (readers) {
    columns.push({
      id: 'readers',
      header: 'Read by',
      headerTitle:
        'Views, checks, saved queries and proposals that name the column or read every column; with ?: that may read it',
      align: 'end',
      tableOnly: isCompact,
      roomyOnly: true,
      width: 76,
      cell: ofColumn(({ depth, before }) => depth === 0 && before !== null && readers(before.name)),
    })
  }
  columns.push({
    id: 'doc',
    header: 'Doc',
    tableOnly: isCompact,
    fills: true,
    cell: ofColumn((row, isOpen) => cells?.doc(row, isOpen) ?? <DocText row={row} />),
  })
  if (hasEditor) {
    columns.push({
      id: 'actions',
      header: '',
      align: 'end',
      width: widths.actions,
      endsNameLine: true,
      cell: ofColumn((row) => cells?.actions(row)),
    })
  }
  return columns
}

function idColumn(
  instead: OtherColumn | null | undefined,
  ofColumn: (draw: (row: TreeRow) => ReactNode) => (line: TreeLine) => ReactNode,
): Column<TreeLine>[] {
  if (instead === null) return []
  if (instead) {
    const { header, width, cell } = instead
    return [{ id: 'instead', header, width, tableOnly: true, cell: ofColumn(cell) }]
  }
  return [
    {
      id: 'id',
      header: 'Id',
      align: 'end',
      tableOnly: true,
      cell: ofColumn(({ fieldId, mark }) => <span className={mark === '+' ? 'added' : undefined}>{fieldId}</span>),
    },
  ]
}

function ColumnName({ row }: { row: TreeRow }) {
  return (
    <span className={classes.name} title={visibleText(row.field.name)}>
      <VisibleText>{row.field.name}</VisibleText>
      {row.isIdentifier && <IdentifierKey />}
    </span>
  )
}

export function IdentifierKey() {
  return <IconKey size={13} stroke={1.6} aria-label="identifier field" className="rigid quiet" />
}

/** With the type before, if it changes. */
export function TypeText({ row: { field, before, mark } }: { row: TreeRow }) {
  const type = ownTypeLabel(field.type)
  const former = before ? ownTypeLabel(before.type) : type
  return (
    <code
      title={visibleText(former === type ? type : `${type}, before: ${former}`)}
      data-mark={mark}
      className={classes.type}
    >
      {former !== type && <s>{former}</s>}
      <VisibleText>{type}</VisibleText>
    </code>
  )
}

function RequiredText({ isRequired }: { isRequired: boolean }) {
  return isRequired ? 'required' : <span className="quiet">optional</span>
}

export function DocText({ row: { field } }: { row: TreeRow }) {
  return field.doc === undefined ? null : <span title={field.doc}>{field.doc}</span>
}

/** The other columns in one or two lines, for narrow pages. */
function CompactFacts({ row: { field, fieldId }, hasId }: { row: TreeRow; hasId: boolean }) {
  return (
    <div className={classes.compact}>
      <div>
        <code>{ownTypeLabel(field.type)}</code>
        <span>{field.required ? 'required' : 'optional'}</span>
        {hasId && <span>id {fieldId}</span>}
      </div>
      {field.doc !== undefined && <p>{field.doc}</p>}
    </div>
  )
}
