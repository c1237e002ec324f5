import { AppError } from '@/lib/errors'
import type { QueryEngine } from '@/lib/query/engine'

/** The engine in this browser, DuckDB. Its code is loaded with the first call. @throws {AppError} server-unreachable */
export async function loadBrowserEngine(): Promise<QueryEngine> {
  const { createPageSession } = await import('./duckdb/page-session').catch((cause: unknown) => {
    throw new AppError('server-unreachable', 'The server did not respond.', { cause })
  })
  return createPageSession()
}
