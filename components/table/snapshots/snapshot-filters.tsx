import { LazySelect } from '@/components/ui/controls/lazy-select'
import type { Period, SnapshotFilterState } from './use-snapshot-filters'

const ALL = 'all '
const TIMES: readonly { value: Period | typeof ALL; label: string }[] = [
  { value: ALL, label: 'Any time' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
]

type SnapshotFiltersProps = {
  filters: SnapshotFilterState
  operations: readonly string[]
  writers: readonly string[]
}

/** Filters of the list by operation, writer and time. */
export function SnapshotFilters({ filters, operations, writers }: SnapshotFiltersProps) {
  const { operation, writer, within, set } = filters
  return (
    <>
      <LazySelect
        aria-label="Operation"
        data={toOptions('All operations', operations, operation)}
        value={operation ?? ALL}
        allowDeselect={false}
        onChange={(value) => set({ operation: value === ALL ? null : value })}
        w={132}
      />
      <LazySelect
        aria-label="Writer"
        data={toOptions('All writers', writers, writer)}
        value={writer ?? ALL}
        allowDeselect={false}
        onChange={(value) => set({ writer: value === ALL ? null : value })}
        w={132}
      />
      <LazySelect<Period | typeof ALL>
        aria-label="Time"
        data={TIMES}
        value={within ?? ALL}
        allowDeselect={false}
        onChange={(value) => set({ within: value === ALL ? null : value })}
        w={120}
      />
    </>
  )
}

/** A link may name one that the table no longer has. */
function toOptions(all: string, values: readonly string[], chosen: string | null) {
  const known = chosen === null || values.includes(chosen) ? values : [...values, chosen]
  return [{ value: ALL, label: all }, ...known.map((value) => ({ value, label: value }))]
}
