import type { Run } from '@/lib/contract/jobs'
import type { TableIdentifier } from '@/lib/names/identifiers'

/** A run that loads files, or saves the result of a query, into a table. */
export type TableLoad = Run & { table: TableIdentifier }

export function isTableLoad(run: Run): run is TableLoad {
  return (isLoadOfFiles(run) || run.kind === 'save-result') && run.table !== null
}

/** Whether it loads files, which can be loaded again with other choices. */
export function isLoadOfFiles({ kind }: Run): boolean {
  return kind === 'ingest'
}

/** Whether the catalog has not said if the commit was made, so that the load looks for it. */
export function isOutcomeUnknown({ state, error }: Pick<Run, 'state' | 'error'>): boolean {
  return state === 'running' && error !== null
}
