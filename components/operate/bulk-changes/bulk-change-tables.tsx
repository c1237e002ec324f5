'use client'
import Link from 'next/link'
import { PropertyValue } from '@/components/changes/tray/property-value'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { ExactTime } from '@/components/ui/values/exact-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { BulkChangeTable } from '@/lib/contract/bulk-changes'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import { joinNamespace, namespaceLabel } from '@/lib/names/identifiers'
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

/** The tables of a change of many tables, in the order of the run, with what became of each. */
export function BulkChangeTables({ catalog, tables }: { catalog: string; tables: readonly BulkChangeTable[] }) {
  const columns: Column<BulkChangeTable>[] = [
    {
      id: 'table',
      header: 'Table',
      weight: 'name',
      cell: ({ namespace, table }) => (
        <Link href={paths.table({ catalog, namespace, table }, 'settings')} prefetch={false}>
          <VisibleText>{namespaceLabel([...namespace, table])}</VisibleText>
        </Link>
      ),
    },
    { id: 'result', header: 'Result', width: 130, cell: (one) => <Result catalog={catalog} table={one} /> },
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

function Result({ catalog, table }: { catalog: string; table: BulkChangeTable }) {
  const { state, auditId, proposalId } = table
  const identifier = { catalog, namespace: table.namespace, table: table.table }
  const href =
    auditId !== null
      ? paths.historyEntry(identifier, auditId)
      : proposalId !== null
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
