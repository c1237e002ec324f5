'use client'
import { ActionIcon } from '@mantine/core'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { IconArrowBackUp, IconTrash } from '@tabler/icons-react'
import { PropertyValue } from '@/components/changes/change-description'
import type { PendingChanges } from '@/components/changes/pending-changes'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { isSecretProperty } from '@/lib/iceberg/properties/secret-property'
import { ignoredValueReason } from '@/lib/iceberg/properties/table-properties'
import { PropertyField } from './property-field'
import { intentFor, type PropertyRow } from './property-rows'
import classes from './property-table.module.css'

/** Properties with value, default and description. An edit becomes a pending change. */
export function PropertyTable({
  rows,
  pending,
  canChange,
  emptyText,
}: {
  rows: readonly PropertyRow[]
  pending: PendingChanges
  canChange: boolean
  /** Shown instead of the table when there are no rows. */
  emptyText: string
}) {
  if (rows.length === 0) return <EmptyState>{emptyText}</EmptyState>
  return (
    <DataTable
      label="Properties"
      columns={buildColumns(pending, canChange)}
      rows={rows}
      rowKey={({ key }) => key}
      rowHeight={40}
      stacks
    />
  )
}

function buildColumns(pending: PendingChanges, canChange: boolean): Column<PropertyRow>[] {
  const setWanted = ({ key, now }: PropertyRow, newValue: string | null) => {
    const intent = intentFor(key, now, newValue)
    if (intent === null) pending.drop(key)
    else pending.put(intent)
  }
  return [
    {
      id: 'property',
      header: 'Property',
      cell: (row) => (
        <div className={classes.property} title={row.doc === '' ? row.key : `${row.key}\n${row.doc}`}>
          <div>
            {row.pending && (
              <span className={classes.changed} title="Changed, not committed">
                ~{' '}
              </span>
            )}
            <code>{row.key}</code>
          </div>
          <div className={classes.doc}>{row.doc === '' ? 'custom property' : row.doc}</div>
        </div>
      ),
    },
    {
      id: 'value',
      header: 'Value',
      width: 240,
      cell: (row) => (
        <span className={classes.value}>
          {row.pending && row.now !== null && (
            <span className={classes.before}>
              <PropertyValue value={row.now} />
            </span>
          )}
          {isSecretProperty(row.key) ? (
            row.pending === null && <HiddenValue value={row.now} />
          ) : (
            <PropertyField
              key={`${row.key} ${row.now} ${row.pending === null}`}
              name={row.key}
              definition={row.known}
              value={shownValue(row)}
              onChange={(newValue) => setWanted(row, newValue)}
              disabled={!canChange}
            />
          )}
        </span>
      ),
    },
    {
      id: 'default',
      header: 'Default',
      wideOnly: true,
      cell: ({ known }) =>
        known?.default == null ? (
          <span className={classes.quiet}>–</span>
        ) : (
          <span>
            <code>{known.default}</code> <span className={classes.quiet}>{known.unit ?? ''}</span>
          </span>
        ),
    },
    {
      id: 'honoured',
      header: 'Used by Lakeshore',
      wideOnly: true,
      headerTitle: 'Whether Lakeshore uses the property; other properties are kept for other engines',
      cell: (row) => {
        const value = shownValue(row)
        const reason = value === null ? null : ignoredValueReason(row.key, value)
        if (reason !== null) return <span title={reason}>not supported</span>
        return row.known?.isHonoured ? 'yes' : <span className={classes.quiet}>no (kept for other engines)</span>
      },
    },
    {
      id: 'actions',
      header: '',
      align: 'end',
      width: 70,
      cell: (row) => {
        const isRemovable = canChange && row.now !== null && row.pending?.kind !== 'remove-property'
        if (row.pending === null && !isRemovable) return null
        return (
          <span className={classes.actions}>
            {row.pending && (
              <Tooltip label="Discard change">
                <ActionIcon aria-label={`Discard the change of ${row.key}`} onClick={() => pending.drop(row.key)}>
                  <IconArrowBackUp size={14} stroke={1.6} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
            {isRemovable && (
              <Tooltip label="Remove">
                <ActionIcon aria-label={`Remove ${row.key}`} onClick={() => setWanted(row, null)}>
                  <IconTrash size={14} stroke={1.6} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
          </span>
        )
      },
    },
  ]
}

/** A secret is neither shown nor set here; it can only be removed. */
function HiddenValue({ value }: { value: string | null }) {
  return (
    <span title="The value is a secret, so only its fingerprint is shown. A different fingerprint means a different value.">
      <PropertyValue value={value} />
    </span>
  )
}

/** The pending value, or the current one if nothing is pending. */
function shownValue({ now, pending }: PropertyRow): string | null {
  if (pending === null) return now
  return pending.kind === 'set-property' ? pending.value : null
}
