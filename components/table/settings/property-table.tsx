'use client'
import { ActionIcon, UnstyledButton } from '@mantine/core'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { IconArrowBackUp, IconChevronDown, IconChevronRight, IconTrash } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { PropertyValue } from '@/components/changes/tray/property-value'
import type { PendingChanges } from '@/lib/client/table/pending-changes'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { BreakableName } from '@/components/ui/values/breakable-name'
import { VisibleText } from '@/components/ui/values/visible-text'
import { isSecretProperty } from '@/lib/iceberg/properties/secret-property'
import type { TableProperty } from '@/lib/iceberg/properties/table-properties'
import { PropertyDetails } from './property-details'
import { PropertyField, describeDefault } from './property-field'
import { propertyTarget } from '@/lib/changes/edits/property-target'
import { type PropertyRow, valueProblem } from './property-rows'
import classes from './property-table.module.css'

type PropertyTableProps = {
  rows: readonly PropertyRow[]
  pending: Pick<PendingChanges, 'drop'>
  /** Puts the change into the tray; null: not set. */
  setValue: (key: string, newValue: string | null) => void
  canChange: boolean
  /** The table's Parquet codec, set or pending: the levels depend on it. Null when it is not set. */
  codec: string | null
  /** Shown instead of the table when there are no rows. */
  empty: ReactNode
}

/**
 * Properties with value, default, description and the writers that honour them; an opened property shows the rest of
 * the catalogue's description. An edit becomes a pending change.
 */
export function PropertyTable({ rows, empty, ...rest }: PropertyTableProps) {
  const [openKey, setOpenKey] = useState<string | null>(null)
  if (rows.length === 0) return empty
  return (
    <DataTable
      label="Properties"
      columns={buildColumns({ ...rest, openKey, setOpenKey })}
      rows={rows}
      rowKey={({ key }) => key}
      rowHeight={40}
    />
  )
}

/** The property whose details are shown, or null. */
type OpenProperty = { openKey: string | null; setOpenKey: (key: string | null) => void }

function Key({ name }: { name: string }) {
  return (
    <code>
      <BreakableName>{name}</BreakableName>
    </code>
  )
}

function buildColumns({
  pending,
  setValue,
  canChange,
  codec,
  openKey,
  setOpenKey,
}: Omit<PropertyTableProps, 'rows' | 'empty'> & OpenProperty): Column<PropertyRow>[] {
  return [
    {
      id: 'property',
      header: 'Property',
      cell: (row) => (
        <div className={classes.property}>
          <div className={classes.name} data-set={row.shown !== null || undefined}>
            {row.pending && (
              <span className="warn strong" title="Changed, not committed">
                ~{' '}
              </span>
            )}
            <UnstyledButton
              className={classes.opener}
              aria-label={`Details of ${row.key}`}
              aria-expanded={row.key === openKey}
              onClick={() => setOpenKey(row.key === openKey ? null : row.key)}
            >
              {row.key === openKey ? (
                <IconChevronDown size={13} stroke={1.6} aria-hidden />
              ) : (
                <IconChevronRight size={13} stroke={1.6} aria-hidden />
              )}
              {row.label === null ? <Key name={row.key} /> : <VisibleText>{row.label}</VisibleText>}
            </UnstyledButton>
          </div>
          {row.label !== null && (
            <div className={classes.doc}>
              <Key name={row.key} />
            </div>
          )}
          <div className={classes.doc}>{row.doc === '' ? 'custom property' : row.doc}</div>
          {/* The same as in the columns that only a wide table has. */}
          <div className={classes.aside}>
            {row.known?.default != null && (
              <span>
                default <DefaultValue known={row.known} />
              </span>
            )}
            <span title={row.use.reason ?? undefined}>writers: {row.use.label}</span>
          </div>
          {row.key === openKey && <PropertyDetails row={row} />}
        </div>
      ),
    },
    {
      id: 'value',
      header: 'Value',
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
              name={row.key}
              definition={row.known}
              value={row.shown}
              storedValue={row.now}
              problemOf={(value) => valueProblem(row.key, value, codec)}
              onChange={(newValue) => setValue(row.key, newValue)}
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
      roomyOnly: true,
      cell: ({ known }) => (known?.default == null ? <span className="quiet">–</span> : <DefaultValue known={known} />),
    },
    {
      id: 'honoured',
      header: 'Writers',
      wideOnly: true,
      roomyOnly: true,
      headerTitle: 'Which writers honour the property; for read properties, which readers.',
      cell: ({ use: { label, reason } }) => (
        <span className={label === 'unknown' ? 'quiet' : undefined} title={reason ?? undefined}>
          {label}
        </span>
      ),
    },
    {
      id: 'actions',
      header: '',
      align: 'end',
      cell: (row) => {
        const isRemovable = canChange && row.now !== null && row.pending?.kind !== 'remove-property'
        if (row.pending === null && !isRemovable) return null
        return (
          <span className={classes.actions}>
            {row.pending && (
              <Tooltip label="Discard change">
                <ActionIcon
                  aria-label={`Discard the change of ${row.key}`}
                  onClick={() => pending.drop(propertyTarget(row.key))}
                >
                  <IconArrowBackUp size={14} stroke={1.6} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
            {isRemovable && (
              <Tooltip label="Remove">
                <ActionIcon aria-label={`Remove ${row.key}`} onClick={() => setValue(row.key, null)}>
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

/** A secret is neither shown nor set here, only removed. */
function HiddenValue({ value }: { value: string | null }) {
  return (
    <span title="The value is a secret, so only its fingerprint is shown. A different fingerprint means a different value.">
      <PropertyValue value={value} />
    </span>
  )
}

/** A default with its unit; sizes and durations in units that people read. */
function DefaultValue({ known }: { known: TableProperty }) {
  if (known.default === null) return null
  return (
    <>
      <code>{known.default}</code> <span className="quiet">{describeDefault(known)}</span>
    </>
  )
}
