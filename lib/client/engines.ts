import { AppError } from '@/lib/errors'
import type { QueryEngine } from '@/lib/query/engine'

/** The engine in this browser, DuckDB. Its code is loaded with the first call. @throws {AppError} server-unreachable */
export async function loadBrowserEngine(): Promise<QueryEngine> {
  const { createPageSession } = await import('./duckdb/page-session').catch(rethrowUnreachable)
  return createPageSession()
}

/**
 * The engine of the server. The engine of this browser does the rest.
 *
 * @throws {AppError} server-unreachable
 */
export async function loadServerEngine(browser: QueryEngine): Promise<QueryEngine> {
  const { createRemoteEngine } = await import('./remote-engine').catch(rethrowUnreachable)
  return createRemoteEngine(browser)
}

function rethrowUnreachable(cause: unknown): never {
  throw new AppError('server-unreachable', 'The server did not respond.', { cause })
}
