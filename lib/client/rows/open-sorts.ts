import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ReadRowsOptions, RowBatch } from '@/lib/scan/read-rows'
import { SortKeys } from '@/lib/scan/sort/sort-keys'
import type { RowsReply, RowsRequest } from './row-messages'

/** How many rows are read at once to sort by a column. */
const SORT_BATCH_ROWS = 10_000

/** The worker's side of sorting: the values of the columns by which the rows of one scan are being sorted. */
export class OpenSorts {
  readonly #fields: readonly NestedField[]
  readonly #keys = new Map<number, SortKeys>()

  constructor(fields: readonly NestedField[]) {
    this.#fields = fields
  }

  /** @throws {AppError} as `readRows`; too-large; internal when the worker has lost the values of the rows before */
  async addRows(
    { sort, capacity, fieldIds, firstRow, lastRow }: RowsRequest & { kind: 'sort-keys' },
    readRows: (options: ReadRowsOptions) => Promise<Pick<RowBatch, 'columns'>>,
    signal: AbortSignal,
  ): Promise<void> {
    const field = this.#fields.find(({ id }) => id === fieldIds[0])
    if (!field) throw new AppError('invalid-request', `The schema has no column with the id ${fieldIds[0]}`)
    const known = this.#keys.get(sort)
    // The worker may have been ended and started again since.
    if (!known && firstRow > 0) throw lostError()
    const keys = known ?? new SortKeys(field.type, capacity)
    this.#keys.set(sort, keys)
    for (let from = firstRow; from < lastRow; from += SORT_BATCH_ROWS) {
      signal.throwIfAborted()
      const to = Math.min(lastRow, from + SORT_BATCH_ROWS)
      const { columns } = await readRows({ firstRow: from, lastRow: to, fieldIds, signal })
      keys.add(columns.get(field.id) ?? [])
    }
  }

  /** The order of the added rows, whose values are released. @throws {AppError} internal as {@link addRows} */
  end({ id, sort, direction }: RowsRequest & { kind: 'sort-end' }): RowsReply {
    const keys = this.#keys.get(sort)
    this.#keys.delete(sort)
    if (!keys) throw lostError()
    return { kind: 'sorted', id, order: keys.order(direction) }
  }

  release(sort: number): void {
    this.#keys.delete(sort)
  }
}

function lostError(): AppError {
  return new AppError('internal', 'The rows that were sorted are gone. Sort again.')
}
