import 'server-only'
import type { AppError, ErrorCode } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Change } from '@/server/db/database'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { Run } from '@/server/db/jobs/runs'
import type { RunNeed } from '@/server/jobs/run-actor'
import type { WriteJournal } from './snapshot-journal'
import type { CleanUp, TableRun, TableWrite, WritePhase } from './table-write'

export type WriteServices = Pick<LakeServices, 'catalogs' | 'config' | 'database'>

/** One kind of run that writes files for a table and commits them, with its differences from the other kinds. */
export type TableWriteKind<Journal extends WriteJournal & JsonObject> = CleanUp<Journal> & {
  maxConcurrent: number
  /** In addition to failures of the database, of the catalog and of the storage. */
  retryOn: readonly ErrorCode[] | ((run: Run) => readonly ErrorCode[])
  /** The progress of the run at first. */
  firstPhase: WritePhase
  /** Permissions that the run needs when it starts. */
  needs(run: TableRun): readonly RunNeed[]
  parseJournal(json: JsonObject): Journal
  /** Writes the files and commits them. Before it puts files into the table's folder, it saves them in the journal. */
  produce(write: TableWrite<Journal>): Promise<JsonObject>
  /** Whether the table shows the run's commit. */
  isCommitted(table: LoadedTable, journal: Journal): boolean
  /** Checks the outcome that the journal has. */
  parseOutcome(json: JsonObject): JsonObject
  /** Further changes in the transaction that records the success of a run. */
  successChanges?(run: TableRun, outcome: JsonObject): readonly Change[]
  /** While another server may still have the commit: its absence in the table proves nothing. */
  unknownError(journal: Journal): AppError
}
