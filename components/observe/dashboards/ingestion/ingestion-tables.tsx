'use client'
import { ActionIcon } from '@mantine/core'
import { IconFilter } from '@tabler/icons-react'
import { TableLink, tableLabel } from '@/components/about/table-link'
import { FilterField } from '@/components/ui/controls/filter-field'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Bytes } from '@/components/ui/values/bytes'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { Ingestion, IngestionTable } from '@/lib/contract/dashboards'
import { netOfSums } from '@/lib/facts/term-sums'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatPercentChange } from '@/lib/format/percent'
import { formatDay } from '@/lib/format/time'
import type { AmountFormat } from './amount-format'
import { EqualToLake } from './history-check'
import classes from './ingestion-tables.module.css'
import { termColumns } from './term-columns'

type Sums = Pick<IngestionTable, 'terms' | 'previousCameIn' | 'storedBytes'>
type Row = Sums & {
  /** Null: it is not known, or the row is a sum. */
  medianFileBytes: number | null
  sinceMs: number | null
  key: string
  /** Null: the sum of several tables. */
  table: IngestionTable['table'] | null
  name: string
  droppedAtMs: number | null
  isTotal: boolean
}

/** The tables that moved most, and the others in one line. The last line repeats the equation of the period. */
export function IngestionTables({
  data,
  format,
  match,
  onMatch,
  onChoose,
}: {
  data: Ingestion
  format: AmountFormat
  match: string
  onMatch: (match: string) => void
  /** Shows only one of the tables; absent while it is shown. */
  onChoose?: (table: IngestionTable['table']) => void
}) {
  const { tables, others, equation } = data
  const rows = tables.map(
    (table): Row => ({
      ...table,
      key: `${table.table.catalog} ${tableLabel(table.table)} ${table.droppedAtMs}`,
      name: tableLabel(table.table),
      isTotal: false,
    }),
  )
  const sumOf = (key: string, name: string, sums: Sums): Row => ({
    ...sums,
    key,
    name,
    table: null,
    medianFileBytes: null,
    sinceMs: null,
    droppedAtMs: null,
    isTotal: key === 'total',
  })
  const count = tables.length + others.tableCount
  const lastRows = [
    ...(others.tableCount === 0 ? [] : [sumOf('others', `${formatCount(others.tableCount)} others`, others)]),
    sumOf('total', formatQuantity(count, 'table'), { ...data, terms: equation.terms }),
  ]
  return (
    <Panel
      title="Tables"
      subtitle={`${format.noun.toLowerCase()}; came in, most first; change against the period before`}
      flush
      actions={
        <>
          <EqualToLake check={data.check} />
          <FilterField label="Find a table" value={match} onChange={onMatch} width={180} />
        </>
      }
    >
      {rows.length === 0 && match !== '' && <EmptyState>No table has “{match}” in its name.</EmptyState>}
      <DataTable
        label="Tables"
        columns={toColumns(data, format, onChoose)}
        rows={rows}
        lastRows={lastRows}
        rowKey={({ key }) => key}
        rowTone={({ table }) => (table === null ? 'quiet' : undefined)}
        stacks
      />
    </Panel>
  )
}

function toColumns(
  { equation }: Ingestion,
  format: AmountFormat,
  onChoose: ((table: IngestionTable['table']) => void) | undefined,
): Column<Row>[] {
  const { amount, term, unlessZero } = termColumns<Row>(format, {
    isTotal: ({ isTotal }) => isTotal,
    isZero: (name) => equation.terms[name] === 0,
  })
  return [
    {
      id: 'table',
      header: 'Table',
      weight: 'name',
      fills: true,
      sortBy: ({ name }) => name,
      cell: (row) => <TableName row={row} onChoose={onChoose} />,
    },
    term('came-in', 'Came in', { weight: 'figure' }),
    {
      id: 'change',
      header: 'Change',
      align: 'end',
      sortBy: changeOf,
      tableOnly: (row) => changeOf(row) === null && row.sinceMs === null,
      cell: (row) => <Change row={row} format={format} />,
    },
    term('removed', 'Removed'),
    ...unlessZero('rewritten', 'Rewritten', format.toChange),
    term('taken-back', 'Taken back'),
    ...unlessZero('put-back', 'Put back'),
    ...unlessZero('not-read', 'Not read', format.toChange),
    amount('net', 'Net', ({ terms }) => netOfSums(terms), { toText: format.toChange }),
    term('moved', 'Moved'),
    ...unlessZero('replaced', 'Replaced or new'),
    {
      id: 'stored',
      header: 'Stored',
      align: 'end',
      sortBy: ({ storedBytes }) => storedBytes,
      cell: ({ storedBytes, isTotal }) => {
        const bytes = <Bytes value={storedBytes} />
        return isTotal ? <b className={classes.total}>{bytes}</b> : bytes
      },
    },
    {
      id: 'median-file',
      header: 'Median file',
      headerTitle: 'of the data files that came in',
      align: 'end',
      sortBy: ({ medianFileBytes }) => medianFileBytes,
      tableOnly: ({ medianFileBytes }) => medianFileBytes === null,
      cell: ({ table, medianFileBytes }) =>
        table === null ? null : <Bytes value={medianFileBytes} reason="no file came in whose size is known" />,
    },
  ]
}

/** Null: nothing came in before, or the table was not there all the time. */
function changeOf({ terms, previousCameIn, sinceMs }: Row): number | null {
  return previousCameIn === 0 || sinceMs !== null ? null : (terms['came-in'] - previousCameIn) / previousCameIn
}

function Change({ row, format }: { row: Row; format: AmountFormat }) {
  const share = changeOf(row)
  if (row.sinceMs !== null) return <span className="quiet">since {formatDay(row.sinceMs, 'UTC')}</span>
  if (share === null) return <span className="quiet">none before</span>
  const text = <span title={`${format.toExact(row.previousCameIn)} before`}>{formatPercentChange(share)}</span>
  return row.isTotal ? <b className={classes.total}>{text}</b> : text
}

function TableName({
  row: { table, name, droppedAtMs, isTotal },
  onChoose,
}: {
  row: Row
  onChoose: ((table: IngestionTable['table']) => void) | undefined
}) {
  const timeZone = useTimeZone()
  if (table === null)
    return isTotal ? <b className={classes.total}>{name}</b> : <span className="secondary">{name}</span>
  if (droppedAtMs === null)
    return (
      <span className={classes.name}>
        <TableLink table={table} />
        {onChoose && (
          <ActionIcon
            className={classes.choose ?? ''}
            aria-label={`Show only ${name}`}
            title={`Show only ${name}`}
            onClick={() => onChoose(table)}
          >
            <IconFilter size={14} stroke={1.6} aria-hidden />
          </ActionIcon>
        )}
      </span>
    )
  return (
    <>
      {name} <span className="quiet">dropped {formatDay(droppedAtMs, timeZone)}</span>
    </>
  )
}
