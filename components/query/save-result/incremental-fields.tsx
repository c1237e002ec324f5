import { Checkbox } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { tableQuery } from '@/lib/client/table/tables'
import { type IncrementalTable, type OtherChanges } from '@/lib/ingest/incremental-table'
import type { LoadOperation } from '@/lib/ingest/load-landing'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { TableChoice } from './repeat-form'
import classes from './save-result.module.css'

const OTHER_CHANGES: readonly { value: OtherChanges; label: string }[] = [
  { value: 'stop', label: 'Stop' },
  { value: 'read-appends-only', label: 'Read appended rows only' },
  { value: 'read-all', label: 'Read all rows' },
]
const HOUR_SECONDS = 3_600
const WINDOWS = [
  { value: '0', label: 'Not read again' },
  ...[1, 2, 6, 12, 24, 48, 168].map((hours) => ({
    value: String(hours * HOUR_SECONDS),
    label: hours < 48 ? (hours === 1 ? '1 hour' : `${hours} hours`) : `${hours / 24} days`,
  })),
]
const TIME_TYPES: ReadonlySet<unknown> = new Set(['date', 'timestamp', 'timestamptz', 'timestamp_ns', 'timestamptz_ns'])

/** Whether runs read all rows of a table, or those that were appended since the last run. */
export function IncrementalFields({
  table,
  operation,
  value,
  onChange,
}: {
  table: TableIdentifier
  operation: LoadOperation
  value: TableChoice
  onChange: (value: TableChoice) => void
}) {
  const label = entryLabel(table)
  return (
    <fieldset className={classes.table}>
      <legend>{label}</legend>
      <Checkbox
        label="Only rows appended since the last run"
        description="The first run reads all rows."
        aria-label={`Only rows of ${label} appended since the last run`}
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? { onOtherChanges: 'stop' } : null)}
      />
      {value !== null && (
        <>
          <LazySelect
            label="When rows were deleted or overwritten"
            data={
              operation === 'append' ? OTHER_CHANGES.filter((each) => each.value !== 'read-all') : [...OTHER_CHANGES]
            }
            value={value.onOtherChanges}
            allowDeselect={false}
            onChange={(onOtherChanges) => onOtherChanges !== null && onChange({ ...value, onOtherChanges })}
          />
          {operation !== 'append' && <LatenessFields table={table} value={value} onChange={onChange} />}
        </>
      )}
    </fieldset>
  )
}

type Chosen = Omit<IncrementalTable, 'table'>

/** Which rows are read again, because others with a similar time may come late. */
function LatenessFields({
  table,
  value: { lateness, onOtherChanges },
  onChange,
}: {
  table: TableIdentifier
  value: Chosen
  onChange: (value: TableChoice) => void
}) {
  const { data } = useQuery(tableQuery(table, {}))
  const columns = (data?.schema.fields ?? []).filter(({ type }) => TIME_TYPES.has(type)).map(({ name }) => name)
  const [first] = columns
  if (first === undefined) return null
  const { column = first, seconds = 0 } = lateness ?? {}
  const change = (next: { column: string; seconds: number }) =>
    onChange({ onOtherChanges, ...(next.seconds > 0 && { lateness: next }) })
  return (
    <>
      <LazySelect
        label="Late rows"
        description="Rows are read again that are at most so much older than the newest one of earlier runs."
        data={WINDOWS}
        value={String(seconds)}
        allowDeselect={false}
        onChange={(chosen) => chosen !== null && change({ column, seconds: Number(chosen) })}
      />
      {seconds > 0 && (
        <LazySelect
          label="Time of a row"
          data={columns}
          value={column}
          allowDeselect={false}
          onChange={(chosen) => chosen !== null && change({ column: chosen, seconds })}
        />
      )}
    </>
  )
}
