import { callEndpoint } from '@/lib/api/call-endpoint'
import type { IncrementalTable } from '@/lib/ingest/incremental-table'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { QueryRequest } from '@/lib/query/engine'
import { useRefreshingMutation } from '../call/use-refreshing-mutation'
import { useSingleMutation } from '../call/use-single-mutation'
import { keys } from '../keys'

/** The body of the request that saves a result, apart from what the user confirms. */
export type SavedResult = {
  query: Pick<QueryRequest, 'sql' | 'cursor' | 'connection' | 'asOf' | 'parameters'>
  landing?: LoadLanding
  create?: {
    /** Iceberg schema as JSON text. */
    schema: string
    partitionBy: string | null
    formatVersion: 2 | 3
  }
}

/** A user starts the runs of a saved result, or its times, or changes of tables. */
export type RepeatStart =
  | { startsBy: 'hand' }
  | { startsBy: 'times'; cron: string; timeZone: string }
  | { startsBy: 'tables'; watchedTables: TableIdentifier[] }

export type RepeatedResult = SavedResult & RepeatStart & { name: string; incremental: readonly IncrementalTable[] }

/** Saves a result that repeats, and starts its first run if it is to run now. */
export function useRepeatResult() {
  return useRefreshingMutation(
    async ({
      table,
      runsNow,
      ...result
    }: RepeatedResult & {
      table: TableIdentifier
      runsNow: boolean
      confirmedName?: string
      idempotencyKey: string
    }) => {
      const { schedule } = await callEndpoint('repeatResult', { ...table, ...result })
      if (!runsNow) return { schedule, run: null }
      const idempotencyKey = `${result.idempotencyKey}-run`
      return { schedule, ...(await callEndpoint('runSchedule', { schedule: schedule.id, idempotencyKey })) }
    },
    [keys.jobs()],
  )
}

/** From what is appended from now on, or from all rows. */
export type RestartFrom = 'now' | 'beginning'

/** Lets a saved result read on from now, or from all rows. */
export function useRestartSavedResult() {
  return useRefreshingMutation(
    (restart: { schedule: string; version: number; from: RestartFrom }) => callEndpoint('restartSavedResult', restart),
    [keys.jobs()],
  )
}

/** Queues the run. The same result, sent again after a failure, is queued once. */
export function useSaveResult() {
  return useSingleMutation({
    mutationFn: ({
      table,
      ...result
    }: SavedResult & { table: TableIdentifier; confirmedName?: string; idempotencyKey: string }) =>
      callEndpoint('saveResult', { ...table, ...result }),
  })
}
