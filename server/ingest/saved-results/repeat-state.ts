import 'server-only'
import * as z from 'zod'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'
import { MAX_INCREMENTAL_TABLES } from '@/lib/ingest/incremental-table'

const storedPosition = z.object({
  tableUuid: z.string(),
  /** Null if the table had no snapshot. */
  snapshotId: z.string().nullable(),
  /** The newest time in the column for late rows, in the unit of its type; null without such a column. */
  newestTime: z.string().nullable(),
})

/** How far the runs of a saved result have read a table. It does not name the table, which not every reader may see. */
export type StoredPosition = z.output<typeof storedPosition>

/** Positions in the tables of a saved result, in their order; null before the first run. */
export type StoredPositions = readonly (StoredPosition | null)[]

/** The state of the schedule of a saved result, after its last run that succeeded. */
const repeatState = z.object({
  positions: z.array(storedPosition.nullable()).max(MAX_INCREMENTAL_TABLES).default([]),
  slotAtMs: z.int().nullable().default(null),
  /** A run of unknown outcome after which a user has started again. */
  settledRunId: z.string().nullable().default(null),
})

/** The positions of the tables. Those that are missing are null. */
export function parsePositions(state: JsonObject | null, tableCount: number): StoredPositions {
  const { positions } = repeatState.parse(state ?? {})
  return Array.from({ length: tableCount }, (_, i) => positions[i] ?? null)
}

/** When the last run that succeeded was due; null before the first. */
export function parseLastSlot(state: JsonObject | null): number | null {
  return repeatState.parse(state ?? {}).slotAtMs
}

export function parseSettledRun(state: JsonObject | null): string | null {
  return repeatState.parse(state ?? {}).settledRunId
}

export function toRepeatState(
  positions: StoredPositions,
  { slotAtMs, settledRunId = null }: { slotAtMs: number | null; settledRunId?: string | null },
): JsonObject {
  return { positions: positions.map((position): Json => position && { ...position }), slotAtMs, settledRunId }
}
