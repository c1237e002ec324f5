import 'server-only'
import { AppError } from '@/lib/errors'
import type { SqlEngine } from '@/server/engines/sql-engine'
import type { TableServices } from '@/server/table/table-services'

/** @throws {AppError} not-supported */
export function requireEngine({ sqlEngine }: Pick<TableServices, 'sqlEngine'>): SqlEngine {
  if (sqlEngine !== null) return sqlEngine
  throw new AppError(
    'not-supported',
    'This server runs no queries, so it cannot save their results. An operator can allow queries.',
  )
}
