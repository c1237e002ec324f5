import { AppError } from '@/lib/errors'

/** Ids of fields, schemas, partition specs, sort orders and view versions are 32-bit. */
const MAX_ID = 2 ** 31 - 1

/**
 * The id of the next schema, partition spec or version: one after the highest, or 0.
 *
 * @throws {AppError} invalid-request if the highest possible id is taken
 */
export function nextId(ids: readonly number[]): number {
  return idAfter(ids.reduce((highest, id) => Math.max(highest, id), -1))
}

/** @throws {AppError} invalid-request if `id` is the highest possible one */
export function idAfter(id: number): number {
  if (id < MAX_ID) return id + 1
  throw new AppError('invalid-request', `The highest possible id ${id} is taken, so there is no next one`, {
    facts: { id },
  })
}
