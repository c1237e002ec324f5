import type { Snapshot } from '../iceberg/metadata/table-metadata'
import { propertyValue } from '../iceberg/properties/property-value'
import { type KnownAmounts, mapMeasures, type Measure, UNKNOWN } from './amounts'

/** A commit, as its snapshot describes it. */
export type SnapshotFacts = {
  snapshotId: string
  parentSnapshotId: string | null
  atMs: number
  operation: string
  writer: SnapshotWriter
  added: KnownAmounts
  removed: KnownAmounts
  /** The table at this snapshot. */
  total: KnownAmounts
  /** The bytes that a load read, if the summary has them. */
  inputBytes: number | null
  /** The run of ours that committed, and the query of the engine that did; absent in descriptions of earlier builds. */
  runId?: string | null
  queryId?: string | null
}

/** The program that committed, as the summary names it; null where it does not. */
export type SnapshotWriter = { engine: string | null; library: string | null; application: string | null }

const KEYS: Record<Measure, { added: string; removed: string; total: string }> = {
  rows: { added: 'added-records', removed: 'deleted-records', total: 'total-records' },
  files: { added: 'added-data-files', removed: 'deleted-data-files', total: 'total-data-files' },
  bytes: { added: 'added-files-size', removed: 'removed-files-size', total: 'total-files-size' },
  deleteFiles: { added: 'added-delete-files', removed: 'removed-delete-files', total: 'total-delete-files' },
  positionDeletes: {
    added: 'added-position-deletes',
    removed: 'removed-position-deletes',
    total: 'total-position-deletes',
  },
  equalityDeletes: {
    added: 'added-equality-deletes',
    removed: 'removed-equality-deletes',
    total: 'total-equality-deletes',
  },
}

const DATA_MEASURES: readonly Measure[] = ['rows', 'files', 'bytes']

/** A writer names itself by at most so many characters; a summary may have any text. */
const MAX_NAME_CHARS = 200

/**
 * Reads the summary of a snapshot.
 *
 * Writers that count totals leave out changes that are zero, so a missing change is zero when the summary has the total
 * of its measure. Without a total, an append that says what it added removed nothing, and the reverse. Any other missing
 * count is unknown. Changes of deletes, which many writers never mention, are zero when the summary counts rows, files or
 * bytes. A value that is not a count, or exceeds 2^53, is unknown, too.
 *
 * Source: Iceberg table spec, *Optional Snapshot Summary Fields*; `SnapshotSummary` in Iceberg's Java code leaves out
 * zeros.
 */
export function readSnapshotFacts(snapshot: Snapshot): SnapshotFacts {
  const { snapshotId, parentSnapshotId, timestampMs, summary } = snapshot
  return {
    snapshotId,
    parentSnapshotId,
    atMs: timestampMs,
    operation: shorten(propertyValue(summary, 'operation') ?? 'unknown'),
    writer: readWriter(snapshot),
    ...readAmounts(summary),
    inputBytes: readCount(summary, 'lakeshore.input-bytes') ?? null,
    runId: readName(summary, 'lakeshore.run-id'),
    queryId: readName(summary, 'trino_query_id'),
  }
}

function readWriter({ summary }: Snapshot): SnapshotWriter {
  const named = propertyValue(summary, 'engine-name')
  const sparkApp = propertyValue(summary, 'spark.app.id')
  const engine = named ?? (sparkApp === null ? null : 'spark')
  const version = propertyValue(summary, 'engine-version')
  const [library = ''] = propertyValue(summary, 'iceberg-version')?.split(' (') ?? []
  const application = propertyValue(summary, 'app-id') ?? sparkApp
  return {
    engine: engine === null ? null : shorten(version === null ? engine : `${engine} ${version}`),
    library: library === '' ? null : shorten(library),
    application: application === null ? null : shorten(application),
  }
}

type Summary = Snapshot['summary']

function readAmounts(summary: Summary): Pick<SnapshotFacts, 'added' | 'removed' | 'total'> {
  const has = (key: string) => propertyValue(summary, key) !== null
  const isCounted = DATA_MEASURES.some((measure) => Object.values(KEYS[measure]).some(has))
  if (!isCounted) return { added: UNKNOWN, removed: UNKNOWN, total: UNKNOWN }
  const operation = propertyValue(summary, 'operation')
  const isZeroIfMissing = (side: 'added' | 'removed', measure: Measure) => {
    const { added, removed, total } = KEYS[measure]
    if (!DATA_MEASURES.includes(measure) || has(total)) return true
    return side === 'removed' ? operation === 'append' && has(added) : operation === 'delete' && has(removed)
  }
  const readChanges = (side: 'added' | 'removed') =>
    mapMeasures((measure) => readCount(summary, KEYS[measure][side], isZeroIfMissing(side, measure) ? 0 : null))
  return {
    added: readChanges('added'),
    removed: readChanges('removed'),
    total: mapMeasures((measure) => readCount(summary, KEYS[measure].total)),
  }
}

/** @param missing its value when the summary does not have it */
function readCount(summary: Summary, key: string, missing: number | null = null): number | null {
  const text = propertyValue(summary, key)
  if (text === null) return missing
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) ? value : null
}

function readName(summary: Summary, key: string): string | null {
  const name = propertyValue(summary, key)
  return name === null ? null : shorten(name)
}

function shorten(text: string): string {
  return text.slice(0, MAX_NAME_CHARS)
}
