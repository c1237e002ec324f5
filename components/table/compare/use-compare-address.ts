import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { type AddressChecks, checkChoice, checkSwitch, quoteAddress } from '@/components/ui/notes/address-problems'
import type { TableDetail } from '@/lib/contract/table/tables'
import type { AsOf } from '@/lib/iceberg/as-of'
import { asOfFromText, asOfText } from '@/lib/paths/snapshot-paths'
import type { ChangeFilter } from '@/lib/scan/compare/snapshot-comparison'

export const FILTERS = ['all', 'changed', 'in', 'out'] as const satisfies readonly ChangeFilter[]

const PARSERS = {
  before: parseAsString,
  after: parseAsString,
  /** Field ids. `none` compares without a key. */
  key: parseAsString,
  /** Field ids of the columns that are compared; all of them without it. */
  compare: parseAsString,
  show: parseAsStringLiteral(FILTERS).withDefault('all'),
  /** Field id of the column whose changes are listed. */
  column: parseAsString,
  /** Whether columns without changes are shown, too. */
  columns: parseAsBoolean.withDefault(false),
}

const checkFieldIds = (name: string, outcome: string) => (value: string) =>
  value.split(',').every(isFieldId) ? null : `${quoteAddress(name, value)} is not a list of column ids. ${outcome}`

export const COMPARE_CHECKS: AddressChecks = {
  key: (value) => (value === 'none' ? null : checkFieldIds('key', 'Its other parts are the key.')(value)),
  compare: checkFieldIds('compare', 'Its other parts are compared.'),
  column: (value) =>
    isFieldId(value) ? null : `${quoteAddress('column', value)} is not the id of a column. All changes are listed.`,
  ...checkChoice('show', FILTERS, 'All rows are listed.'),
  ...checkSwitch('columns', 'Columns without changes are hidden.'),
}

export type CompareAddress = {
  /** Null without a state to compare with. */
  before: AsOf | null
  after: AsOf
  /** A side of the address that cannot be read. */
  problem: string | null
  /** Null for the identifier fields. */
  keyIds: readonly number[] | null
  /** Null for all columns. */
  comparedIds: readonly number[] | null
  filter: ChangeFilter
  columnId: number | null
  showsAllColumns: boolean
  setSides: (sides: { before: AsOf; after: AsOf }) => void
  setKey: (keyIds: readonly number[]) => void
  setCompared: (comparedIds: readonly number[] | null) => void
  setFilter: (filter: ChangeFilter) => void
  setColumn: (columnId: number | null) => void
  setShowsAllColumns: (showsAll: boolean) => void
}

/** The comparison as stored in the address, so that a link shows it again. */
export function useCompareAddress({ timeline, refs }: Pick<TableDetail, 'timeline' | 'refs'>): CompareAddress {
  const [{ before, after, key, compare, show, column, columns }, setQuery] = useQueryStates(PARSERS)
  const shownAfter = after === null ? { ref: 'main' } : asOfFromText(after)
  const shownBefore = before === null ? previousSnapshot(shownAfter ?? {}, { timeline, refs }) : asOfFromText(before)
  const unreadable =
    after !== null && shownAfter === null ? after : before !== null && shownBefore === null ? before : null
  return {
    before: shownBefore,
    after: shownAfter ?? { ref: 'main' },
    problem:
      unreadable === null
        ? null
        : `“${unreadable}” is not a state of the table. In an address it is ref:main, snapshot:123 or at:2026-11-23T00:35:00Z.`,
    keyIds: key === null ? null : toFieldIds(key),
    comparedIds: compare === null ? null : toFieldIds(compare),
    filter: show,
    columnId: column !== null && isFieldId(column) ? Number(column) : null,
    showsAllColumns: columns,
    setSides: (sides) =>
      void setQuery({ before: asOfText(sides.before), after: asOfText(sides.after) }, { history: 'push' }),
    setKey: (keyIds) => void setQuery({ key: keyIds.length === 0 ? 'none' : keyIds.join(',') }, { history: 'push' }),
    setCompared: (comparedIds) => void setQuery({ compare: comparedIds?.join(',') ?? null }, { history: 'push' }),
    setFilter: (filter) => void setQuery({ show: filter }),
    setColumn: (columnId) => void setQuery({ column: columnId === null ? null : String(columnId) }),
    setShowsAllColumns: (showsAll) => void setQuery({ columns: showsAll }),
  }
}

function toFieldIds(text: string): number[] {
  return text.split(',').filter(isFieldId).map(Number)
}

function isFieldId(text: string): boolean {
  return /^\d{1,10}$/.test(text)
}

/** The snapshot of `main` before another one; null if it has no predecessor or the predecessor is unknown. */
function previousSnapshot(after: AsOf, { timeline, refs }: Pick<TableDetail, 'timeline' | 'refs'>): AsOf | null {
  const afterId = after.snapshotId ?? refs.find(({ name }) => name === (after.ref ?? 'main'))?.snapshotId
  const index = timeline.findLastIndex(({ snapshotId }) => snapshotId === afterId)
  const previous = timeline[index - 1]
  return previous ? { snapshotId: previous.snapshotId } : null
}
