import 'server-only'
import { type CatalogWrite, type WriteDecorator, anyWrite } from '@/server/catalog/port/catalog-write'
import type { Change } from '@/server/db/database'

/** Stores further rows with each write. They follow those of the caller, which so keep their positions. */
export function withRows(toRows: (write: CatalogWrite) => readonly Change[]): WriteDecorator {
  return (next) => (write, options) => {
    const rows = toRows(anyWrite(write))
    return next(write, { ...options, alongside: (written) => [...(options?.alongside?.(written) ?? []), ...rows] })
  }
}
