'use client'
import Link from 'next/link'
import { PropertyValue } from '@/components/changes/tray/property-value'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { ExactTime } from '@/components/ui/values/exact-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { BulkChange } from '@/lib/changes/intents/bulk-change'
import type { BulkChangeTable } from '@/lib/contract/bulk-changes'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import { joinNamespace, namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { STATE_LABELS } from './bulk-states'
import classes from './bulk-change.module.css'

const TONES: Partial<Record<BulkTableState, 'bad' | 'good' | 'warning'>> = {
  failed: 'bad',
  unknown: 'warning',
  'not-undone': 'warning',
  changed: 'good',
  undone: 'good',
}

type BulkChangeTablesProps = {
  catalog: string
  changes: readonly BulkChange[]
  tables: readonly BulkChangeTable[]
}

/** The tables of a change of many tables, in the order of the run, with the result for each. */
export function BulkChangeTables({ catalog, changes, tables }: BulkChangeTablesProps) {
  const columns: Column<BulkChangeTable>[] = [
    {
      id: 'table',
      header: 'Table',
      weight: 'name',
      cell: (one) => {
        const name = <VisibleText>{namespaceLabel([...one.namespace, one.table])}</VisibleText>
        const identifier = currentIdentifier(catalog, changes, one)
        if (identifier === null) return name
        return (
          <Link href={paths.table(identifier, 'settings')} prefetch={false}>
            {name}
          </Link>
        )
      },
    },
    {
      id: 'result',
      header: 'Result',
      width: 130,
      cell: (one) => <Result catalog={catalog} changes={changes} table={one} />,
    },
    { id: 'change', header: 'Change', fills: true, cell: (one) => <Details table={one} /> },
    {
      id: 'at',
      header: 'At',
      width: 150,
      tableOnly: true,
      cell: ({ atMs }) => (atMs === null ? null : <ExactTime atMs={atMs} />),
    },
  ]
  return (
    <DataTable
      label="Tables"
      columns={columns}
      rows={tables}
      rowKey={({ namespace, table }) => joinNamespace([...namespace, table])}
      gutter
      scrolls
      stacks
    />
  )
}

/** Where the table is now; null if it was dropped. */
function currentIdentifier(
  catalog: string,
  [change]: readonly BulkChange[],
  { namespace, table, state, auditId }: BulkChangeTable,
): TableIdentifier | null {
  const isChanged = auditId !== null && state !== 'undone'
  if (isChanged && change?.kind === 'drop') return null
  return { catalog, namespace: isChanged && change?.kind === 'move' ? change.toNamespace : namespace, table }
}

function Result({
  catalog,
  changes,
  table,
}: {
  catalog: string
  changes: readonly BulkChange[]
  table: BulkChangeTable
}) {
  const { state, auditId, proposalId } = table
  const identifier = currentIdentifier(catalog, changes, table)
  // The history of a table has its versions, and not the grants on it.
  const isInHistory = identifier !== null && changes[0]?.kind !== 'grant'
  const href =
    auditId !== null
      ? !isInHistory
        ? paths.auditEntry(auditId)
        : paths.historyEntry(identifier, auditId)
      : proposalId !== null && identifier !== null
        ? paths.proposal(identifier, proposalId)
        : null
  const label = (
    <span className={classes.state} data-tone={TONES[state]}>
      {STATE_LABELS[state]}
    </span>
  )
  return href === null ? (
    label
  ) : (
    <Link href={href} prefetch={false}>
      {label}
    </Link>
  )
}

function Details({ table: { values, warnings, problem } }: { table: BulkChangeTable }) {
  return (
    <ul className={classes.values}>
      {problem !== null && <li className={classes.problem}>{problem}</li>}
      {values.map(({ key, before, after }) => (
        <li key={key}>
          <VisibleText>{key}</VisibleText>: <PropertyValue value={before} /> → <PropertyValue value={after} />
        </li>
      ))}
      {warnings.map((warning) => (
        <li key={warning} className="warn">
          {warning}
        </li>
      ))}
    </ul>
  )
}
