import { AppError } from '@/lib/errors'

/** In a commit: the schema, spec, sort order or view version that it added last. */
export const LAST_ADDED = -1

/** @throws {AppError} invalid-request when the commit adds none */
export function resolveLastAdded(id: number, lastAdded: number | null, kind: string): number {
  if (id !== LAST_ADDED) return id
  if (lastAdded === null) throw new AppError('invalid-request', `The commit adds no ${kind} to select`)
  return lastAdded
}
