'use client'
import { Checkbox } from '@mantine/core'
import Link from 'next/link'
import { PropertyValue } from '@/components/changes/tray/property-value'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { ChangedValue, TableEdit } from '@/lib/client/bulk-edit/bulk-edit'
import { isOutcomeKnown } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './bulk-edit.module.css'

type EditedTablesProps = {
  tables: readonly TableIdentifier[]
  chosen: ReadonlySet<string>
  edits: ReadonlyMap<string, TableEdit>
  isDisabled: boolean
  onToggle: (table: string) => void
}

/** The tables of the namespace, with the chosen ones and the outcome for each of them. */
export function EditedTables({ tables, chosen, edits, isDisabled, onToggle }: EditedTablesProps) {
  const columns: Column<TableIdentifier>[] = [
    {
      id: 'chosen',
      header: 'Chosen',
      width: 74,
      sortBy: ({ table }) => (chosen.has(table) ? 0 : 1),
      cell: ({ table }) => (
        <Checkbox
          aria-label={`Choose ${table}`}
          checked={chosen.has(table)}
          disabled={isDisabled}
          size="xs"
          onChange={() => onToggle(table)}
          onClick={(event) => event.stopPropagation()}
        />
      ),
    },
    {
      id: 'table',
      header: 'Table',
      weight: 'name',
      sortBy: ({ table }) => table,
      cell: (identifier) => (
        <Link href={paths.table(identifier, 'settings')} prefetch={false}>
          <VisibleText>{identifier.table}</VisibleText>
        </Link>
      ),
    },
    {
      id: 'change',
      header: 'Change',
      fills: true,
      cell: ({ table }) => <Values values={valuesOf(chosen.has(table) ? edits.get(table) : undefined)} />,
    },
    {
      id: 'state',
      header: 'State',
      sortBy: ({ table }) => edits.get(table)?.state ?? '',
      cell: (identifier) =>
        chosen.has(identifier.table) && (
          <div className={classes.stateCell}>
            <State table={identifier} edit={edits.get(identifier.table)} />
          </div>
        ),
    },
  ]
  return (
    <DataTable
      label="Tables"
      columns={columns}
      rows={tables}
      rowKey={({ table }) => table}
      onOpen={({ table }) => !isDisabled && onToggle(table)}
      gutter
      scrolls
      stacks
    />
  )
}

function valuesOf(edit: TableEdit | undefined): readonly ChangedValue[] {
  return edit && 'values' in edit ? edit.values : []
}

function Values({ values }: { values: readonly ChangedValue[] }) {
  if (values.length === 0) return null
  return (
    <ul className={classes.values}>
      {values.map(({ key, before, after }) => (
        <li key={key}>
          <VisibleText>{key}</VisibleText>: <PropertyValue value={before} /> → <PropertyValue value={after} />
        </li>
      ))}
    </ul>
  )
}

function State({ table, edit }: { table: TableIdentifier; edit: TableEdit | undefined }) {
  switch (edit?.state) {
    case undefined:
      return <span className={classes.quiet}>not previewed</span>
    case 'reading':
      return <span className={classes.quiet}>reading…</span>
    case 'unchanged':
      return <span className={classes.quiet}>already so</span>
    case 'refused':
      return (
        <span className={classes.state} data-tone="bad">
          {edit.reason}
        </span>
      )
    case 'ready':
      return (
        <span className={classes.state} {...(edit.warnings.length > 0 && { 'data-tone': 'warning' })}>
          {edit.warnings.length > 0 ? edit.warnings.join(' ') : 'will change'}
        </span>
      )
    case 'writing':
      return <span className={classes.quiet}>writing…</span>
    case 'written':
      return (
        <span className={classes.state} data-tone="good">
          {edit.how.kind === 'commit' ? 'committed' : 'proposed'},{' '}
          <Link href={edit.how.kind === 'commit' ? paths.table(table, 'history') : paths.proposals(table)}>
            {edit.how.kind === 'commit' ? 'in its history' : 'see its proposals'}
          </Link>
        </span>
      )
    case 'failed':
      return (
        <span className={classes.state} data-tone="bad">
          {edit.error.message}{' '}
          {edit.intents !== null &&
            (isOutcomeKnown(edit.error)
              ? 'Nothing was changed.'
              : 'It is not known whether it was done: try again, and it is done once.')}
        </span>
      )
  }
}
