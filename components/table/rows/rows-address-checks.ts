import { type AddressChecks, quoteAddress } from '@/components/ui/notes/address-problems'
import { formatQuantity } from '@/lib/format/count'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { parseWidth, rowIndexOf } from './use-rows-address'

/** Why the Data tab ignores parameters of its address; see `use-rows-address`. The sort has its own note. */
export function rowsAddressChecks({
  rowCount,
  fields,
  isFiltered = false,
}: {
  /** At most; exact when it is known. */
  rowCount: number
  fields: readonly NestedField[]
  /** Deleted rows are not searched. */
  isFiltered?: boolean
}): AddressChecks {
  const fieldIds = new Set(fields.map(({ id }) => String(id)))
  const checkRow = (name: string, outcome: string) => (value: string) => {
    if (!/^[1-9]\d*$/.test(value)) return `${quoteAddress(name, value)} is not the number of a row. ${outcome}`
    if (rowIndexOf(value, rowCount) !== null) return null
    return `There is no row ${quoteAddress(name, value)}: there are ${formatQuantity(rowCount, 'row')}. ${outcome}`
  }
  const checkColumns = (name: string) => (value: string) => {
    const unknown = value.split(',').filter((id) => !fieldIds.has(id))
    return unknown.length === 0
      ? null
      : `The shown schema has no column with the id ${quoteAddress(name, unknown.join(', '))}.`
  }
  return {
    row: checkRow('row', 'The rows start with the first one.'),
    open: checkRow('open', 'No row is open.'),
    deleted: (value) => {
      if (!/^(true|false)$/i.test(value))
        return `${quoteAddress('deleted', value)} is neither true nor false. Deleted rows are not shown.`
      return isFiltered && /^true$/i.test(value) ? 'Deleted rows are shown only without a filter.' : null
    },
    nulls: (value) =>
      /^(first|last)$/.test(value)
        ? null
        : `${quoteAddress('nulls', value)} is neither first nor last. Nulls are sorted last.`,
    hide: checkColumns('hide'),
    pin: checkColumns('pin'),
    order: checkColumns('order'),
    width: (value) => {
      const wrong = value.split(',').filter((entry) => {
        const width = parseWidth(entry)
        return width === null || !fieldIds.has(width.key)
      })
      return wrong.length === 0
        ? null
        : `${quoteAddress('width', wrong.join(', '))} is not the width of a shown column.`
    },
  }
}
