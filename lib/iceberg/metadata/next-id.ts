import { AppError } from '@/lib/errors'

/** Ids of fields, schemas, partition specs, sort orders and view versions are 32-bit. */
const MAX_ID = 2 ** 31 - 1

/**
 * One after the highest, or 0: what the next schema, partition spec, or version is numbered.
 *
 * @throws {AppError} invalid-request where the highest is the last there is
 */
export function nextId(ids: readonly number[]): number {
  return idAfter(ids.reduce((highest, id) => Math.max(highest, id), -1))
}

/** @throws {AppError} invalid-request where `id` is the last there is */
export function idAfter(id: number): number {
  if (id < MAX_ID) return id + 1
  throw new AppError('invalid-request', `No id is left after ${id}, the highest there is`, { facts: { id } })
}
