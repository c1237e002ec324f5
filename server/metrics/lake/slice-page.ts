import 'server-only'
import { AppError } from '@/lib/errors'

/** One page of a list that is completely in memory. @throws {AppError} invalid-request for a negative offset */
export function slicePage<Item>(all: readonly Item[], offset: number, length: number) {
  if (offset < 0) throw new AppError('invalid-request', `An offset of ${offset} is before the first entry.`)
  const end = offset + length
  return {
    items: all.slice(offset, end),
    totalCount: all.length,
    nextOffset: end < all.length ? end : null,
  }
}
