import 'server-only'
import type { RunPreview, RunStage } from '@/server/ingest/run/run-child'
import type { RunWatch } from '@/server/jobs/run-watch'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import type { NamedTablesCache } from '@/server/query/named-tables'
import type { ViewTextsCache } from '@/server/query/view-texts'
import type { StreamSlots } from '@/server/timing/stream-slots'
import type { PartMemory } from '@/server/uploads/part-memory'

/**
 * The services that a program works with. `createServices` creates them once per program, and they are a program's
 * whole state in memory. Each floor below names its additions (`AuthServices`, `LakeServices`, `TableServices`,
 * `MetricsServices`), so that a room depends on nothing above it. Functions take only what they need: `database:
 * Database` if that is enough, otherwise a `Pick` of the services of their floor.
 */
export type Services = MetricsServices & {
  runWatch: RunWatch
  /** How loads read files: in other processes. */
  runStage: RunStage
  runPreview: RunPreview
  eventStreams: StreamSlots
  queryRuns: StreamSlots
  /** Beginnings of files that are being read for a form. */
  previews: StreamSlots
  /** Searches in load locations. */
  fileSearches: StreamSlots
  /** Files that are being received. */
  uploadStreams: StreamSlots
  uploadMemory: PartMemory
  namedTables: NamedTablesCache
  viewTexts: ViewTextsCache
  /** Names the build of the pages that this process serves; null without one. */
  buildId: string | null
  /** Aborted when the process receives a signal to stop. */
  stopping: AbortSignal
}
