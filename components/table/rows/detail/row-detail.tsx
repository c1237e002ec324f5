'use client'
import { ActionIcon } from '@mantine/core'
import { IconFilter } from '@tabler/icons-react'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { SidePanel } from '@/components/ui/side-panel'
import { useValueZone } from '@/components/ui/values/use-time-zone'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { ListedFile } from '@/lib/api/listed-files'
import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField, Value } from '@/lib/iceberg/schema/types'
import { LAST_UPDATED_SEQUENCE_NUMBER, ROW_ID } from '@/lib/scan/read/metadata-columns'
import type { RowValue } from '@/lib/scan/read/row-values'
import { DeletedBy } from '@/components/table/rows/deleted-rows'
import { filterableValue } from '@/components/table/rows/filter/cell-filter'
import { blockText, failedCell, isMono, toCell } from '@/components/table/rows/row-cell'
import classes from './row-detail.module.css'
import { type RowLineage, RowOrigin } from './row-origin'
import { memberCopyText } from './value-members'
import { ValueTree } from './value-tree'

/** An area that scrolls must be reachable by keyboard. */
const SCROLL_AREA = { role: 'group', tabIndex: 0 }

/** One row with all its columns, its file, its position and its lineage. */
export function RowDetail({
  row,
  origin,
  deletes = [],
  fields,
  typeText = ({ type }) => typeLabel(type),
  fieldValue,
  onFilter,
  onClose,
}: {
  /** Index in the scan, from 0. */
  row: number
  /** Null until it is known. */
  origin: { file: ListedFile; position: number } | null
  /** The delete files that delete the row. */
  deletes?: ListedFile['deletes']
  fields: readonly NestedField[]
  /** The type of a field as the header of its column names it. */
  typeText?: (field: NestedField) => string
  /** Returns undefined while the value is being read. */
  fieldValue: (fieldId: number) => RowValue | null | undefined | AppError
  /** Filters the rows by a value. Without it, the panel offers no filter. */
  onFilter?: ((fieldId: number, value: Value | null) => void) | undefined
  onClose: () => void
}) {
  return (
    <SidePanel
      title={`Row ${formatCount(row + 1)}`}
      width={428}
      onClose={onClose}
      footer={
        origin && (
          <>
            <DeletedBy deletes={deletes} />
            <RowOrigin {...origin} lineage={readLineage(fieldValue)} />
          </>
        )
      }
    >
      <div {...SCROLL_AREA} aria-label={`Values of row ${formatCount(row + 1)}`} className={classes.scroller}>
        <dl className="bare">
          {fields.map((field) => (
            <div key={field.id} className={classes.field}>
              <dt>
                <span className="medium">
                  <VisibleText>{field.name}</VisibleText>
                </span>
                <code className={classes.type} title={visibleText(typeText(field))}>
                  <VisibleText>{typeText(field)}</VisibleText>
                </code>
                {onFilter && (
                  <FilterByField
                    field={field}
                    value={fieldValue(field.id)}
                    onFilter={(value) => onFilter(field.id, value)}
                  />
                )}
                <CopyField field={field} value={fieldValue(field.id)} />
              </dt>
              <dd>
                <FieldValue field={field} value={fieldValue(field.id)} />
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </SidePanel>
  )
}

function FilterByField({
  field,
  value: shown,
  onFilter,
}: {
  field: NestedField
  value: RowValue | null | undefined | AppError
  onFilter: (value: Value | null) => void
}) {
  const value = filterableValue(field, shown)
  if (value === undefined) return null
  return (
    <Tooltip label="Filter by this value">
      <ActionIcon
        variant="subtle"
        size={24}
        className={classes.filter ?? ''}
        aria-label={visibleText(`Filter by this value of ${field.name}`)}
        onClick={() => onFilter(value)}
      >
        <IconFilter size={14} stroke={1.6} aria-hidden />
      </ActionIcon>
    </Tooltip>
  )
}

/** Copies the exact value: a nested one as JSON. */
function CopyField({ field, value }: { field: NestedField; value: RowValue | null | undefined | AppError }) {
  const timeZone = useValueZone()
  if (value === undefined || value === null || value instanceof AppError) return null
  return (
    <span className={classes.copy}>
      <CopyButton
        value={() => memberCopyText({ type: field.type, value }, timeZone)}
        label={`value of ${field.name}`}
        size={24}
      />
    </span>
  )
}

/** The lineage of a row; null until it is read, or if the row has none. */
function readLineage(fieldValue: (fieldId: number) => RowValue | null | undefined | AppError): RowLineage | null {
  const rowId = fieldValue(ROW_ID.id)
  const lastUpdatedSequenceNumber = fieldValue(LAST_UPDATED_SEQUENCE_NUMBER.id)
  return typeof rowId === 'bigint' && typeof lastUpdatedSequenceNumber === 'bigint'
    ? { rowId, lastUpdatedSequenceNumber }
    : null
}

function FieldValue({ field, value }: { field: NestedField; value: RowValue | null | undefined | AppError }) {
  const timeZone = useValueZone()
  if (value === undefined) return <span className="quiet">reading…</span>
  const cell = value instanceof AppError ? failedCell(value) : toCell(field.type, value, timeZone)
  if (cell.kind === 'nested' && !(value instanceof AppError))
    return <ValueTree name={field.name} type={field.type} value={value} />
  return (
    <span
      data-kind={cell.kind}
      data-mono={isMono(field.type) || undefined}
      className={classes.value}
      title={cell.title}
    >
      {value instanceof AppError ? cell.text : <VisibleText>{blockText(value, cell)}</VisibleText>}
    </span>
  )
}
