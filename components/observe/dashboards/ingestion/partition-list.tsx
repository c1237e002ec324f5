'use client'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import type { Ingestion } from '@/lib/contract/dashboards'
import { netOfSums } from '@/lib/facts/term-sums'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatDate } from '@/lib/format/time'
import type { AmountFormat } from './amount-format'
import classes from './ingestion-tables.module.css'
import { termColumns } from './term-columns'

type Partitions = NonNullable<Ingestion['partitions']>
type Row = Pick<Partitions['listed'][number], 'terms'> & {
  kind: 'partition' | 'others' | 'total'
  name: string
  /** Null: the row is a sum. */
  newestMs: number | null
}

/** The partitions of the table that moved most. The last line repeats the equation of the period. */
export function PartitionList({
  data: { equation },
  partitions,
  format,
}: {
  data: Pick<Ingestion, 'equation'>
  partitions: Partitions
  format: AmountFormat
}) {
  const { listed, others } = partitions
  const rows = listed.map((partition): Row => ({ ...partition, kind: 'partition' }))
  const hasOthers = Object.values(others.terms).some((amount) => amount !== 0)
  const lastRows: Row[] = [
    ...(hasOthers
      ? [{ kind: 'others' as const, name: othersLabel(others.count), terms: others.terms, newestMs: null }]
      : []),
    { kind: 'total', name: 'Table', terms: equation.terms, newestMs: null },
  ]
  const note = noteOf(partitions)
  return (
    <Panel title="Partitions" subtitle={`${format.noun.toLowerCase()}; came in, most first; days in UTC`} flush>
      {rows.length === 0 && !hasOthers ? (
        <EmptyState>Nothing moved in any partition. Choose a longer range.</EmptyState>
      ) : (
        <DataTable
          label="Partitions"
          columns={toColumns([...rows, ...lastRows], format)}
          rows={rows}
          lastRows={lastRows}
          rowKey={({ kind, name }) => `${kind} ${name}`}
          rowTone={({ kind }) => (kind === 'partition' ? undefined : 'quiet')}
          stacks
        />
      )}
      {note !== '' && <p className={classes.note}>{note}</p>}
    </Panel>
  )
}

function othersLabel(count: number): string {
  return count === 0 ? 'Other' : `Other, with ${formatQuantity(count, 'partition')} more`
}

/** Why figures of partitions are in the sum of the others. */
function noteOf({ dayCount, unknownDays, crowdedDays }: Partitions): string {
  const sentences = [
    ...(unknownDays === 0
      ? []
      : [
          `The partitions of ${formatCount(unknownDays)} of ${formatQuantity(dayCount, 'day')} are not all known; what is not is in Other.`,
        ]),
    ...(crowdedDays === 0
      ? []
      : [
          `On ${formatQuantity(crowdedDays, 'day')} more than 20 partitions moved; only the 20 that moved most have figures, and the rest is in Other.`,
        ]),
  ]
  return sentences.join(' ')
}

function toColumns(all: readonly Row[], format: AmountFormat): Column<Row>[] {
  const { amount, term, unlessZero } = termColumns<Row>(format, {
    isTotal: ({ kind }) => kind === 'total',
    isZero: (name) => all.every(({ terms }) => terms[name] === 0),
  })
  return [
    {
      id: 'partition',
      header: 'Partition',
      weight: 'name',
      fills: true,
      sortBy: ({ name }) => name,
      cell: ({ kind, name }) =>
        kind === 'total' ? <b className={classes.total}>{name}</b> : <span title={name}>{name}</span>,
    },
    term('came-in', 'Came in', { weight: 'figure' }),
    term('removed', 'Removed'),
    ...unlessZero('rewritten', 'Rewritten', format.toChange),
    ...unlessZero('taken-back', 'Taken back'),
    ...unlessZero('put-back', 'Put back'),
    ...unlessZero('not-read', 'Not read', format.toChange),
    amount('net', 'Net', ({ terms }) => netOfSums(terms), { toText: format.toChange }),
    ...unlessZero('moved', 'Moved'),
    ...unlessZero('replaced', 'Replaced or new'),
    {
      id: 'newest',
      header: 'Newest',
      headerTitle: 'the last day of the period on which it moved, in UTC',
      align: 'end',
      sortBy: ({ newestMs }) => newestMs,
      tableOnly: ({ newestMs }) => newestMs === null,
      cell: ({ newestMs }) => newestMs !== null && formatDate(newestMs, 'UTC'),
    },
  ]
}
