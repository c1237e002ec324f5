import { beforeEach, vi } from 'vitest'
import * as queryRun from '@/lib/client/query/query-run'
import type { QueryEngine } from '@/lib/query/engine'

/**
 * Gives the components of a test file another engine than DuckDB, which the DOM of tests has no workers for. It is called
 * once, at the top of the file.
 */
export function stubQuerySession(session: object): void {
  beforeEach(() => {
    vi.spyOn(queryRun, 'loadQuerySession').mockImplementation(async () => session as QueryEngine)
    vi.spyOn(queryRun, 'loadEngine').mockImplementation(async () => session as QueryEngine)
  })
}
