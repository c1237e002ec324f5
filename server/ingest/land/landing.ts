import 'server-only'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { SnapshotOperation } from '@/lib/iceberg/operations/operation'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { DuckdbLimits } from '@/server/data-files/duckdb/duckdb-session'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import type { DataFileSizes } from '@/server/db/catalog/data-file-sizes'

/** A staged file of a load, and its description with the location that it gets. */
export type PlacedFile = { file: StagedFile; dataFile: DataFile }

/** One load as a strategy sees it. */
export type LandingLoad = {
  /** The table when the load began, or as the load has created it. */
  start: LoadedTable
  branch: string
  /** The filter of `replace-where`; null for other operations. */
  where: string | null
  /** The rows in the files that were staged, in the order of the input's files. */
  files: readonly PlacedFile[]
  /** The schema and the spec that they were staged with. */
  schema: Schema
  spec: PartitionSpec
  /** Whether the rows of each file are sorted, so that they do not have the order of the input. */
  isSorted: boolean
  /** Further fields of the snapshot's summary. */
  summary: Readonly<Record<string, string>>
  /** A folder of this machine for intermediate files. */
  folder: string
  limits: DuckdbLimits
  /** Stages the input once more, in its order: without partitions, unsorted, into a folder of its own. */
  stageInOrder(): Promise<readonly StagedFile[]>
  /** Makes locations durable in the journal of the run, before files are written there. */
  journal(locations: readonly string[]): Promise<void>
  log(sentence: string): void
  reportMatching(done: { rows: number }): void
  signal: AbortSignal
}

/** The files of a load that will be in the table, and the operation that puts them there. */
export type Landing = {
  /** The files to move into the folder of the table. */
  files: readonly PlacedFile[]
  /** Rows that a later row of the input with the same key replaces; null if keys do not matter. */
  supersededRowCount: number | null
  /**
   * Plans the commit on the table as it is now.
   *
   * @returns null when there is nothing to commit
   * @throws {AppError} commit-conflict; not-supported for a table on which the load cannot land
   */
  plan(current: LoadedTable): Promise<PlannedLanding | null>
  /** Ends it, whether it was committed or not. */
  close(): void
}

export type PlannedLanding = {
  operation: SnapshotOperation
  /** Locations of files of this plan alone: delete files, and rewritten data files. They are removed if it is not committed. */
  ownLocations: readonly string[]
  /** The sizes of rewritten data files. */
  rewrittenSizes: readonly { location: string; sizes: DataFileSizes }[]
  /** By whether the table had a row with the key; null if keys do not matter. */
  counts: { updatedRowCount: number; insertedRowCount: number } | null
}

/** The plan of a landing that writes no files of its own. */
export const NO_OWN_FILES: Pick<PlannedLanding, 'ownLocations' | 'rewrittenSizes'> = {
  ownLocations: [],
  rewrittenSizes: [],
}

/** How the rows of a load become rows of the table. Each strategy has a module. */
export type LandingStrategy = {
  /** Whether a load without rows changes the table. */
  landsWithoutRows: boolean
  /**
   * The answer to a conflict with another writer: a plan on the newer table, because the result is the requested one, or
   * a failed run, because the other writer's rows would be lost.
   */
  onConflict: 'plan-again' | 'fail'
  begin(load: LandingLoad): Promise<Landing>
}
