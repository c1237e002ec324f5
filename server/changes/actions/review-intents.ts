import 'server-only'
import type { ChangeConflict, ChangeReview } from '@/lib/contract/table/changes'
import type { EngineScripts } from '@/lib/contract/shapes/engine-scripts'
import { AppError } from '@/lib/errors'
import type { Intent } from '@/lib/changes/intents/intent'
import {
  findConflicts,
  findProblem,
  type IntentConflict,
  needsTypedName,
  warningsForIntents,
} from '@/lib/changes/intents/intent-changes'
import { type EngineScript, statementsForIntents } from '@/lib/changes/intents/intent-statements'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { requireSupportedFormat } from '@/lib/iceberg/metadata/supported-format'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Keys } from '@/server/auth/keys'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { buildChangeRequest, digestOfBody } from '@/server/table/commit/change-request'
import { LOCATION_PROPERTIES } from '@/server/catalog/folders/table-folders'
import { maskProperties, maskProperty } from '@/server/table/mask-properties'
import { summaryCount } from '@/server/table/summary-counts'
import type { Review } from '../pipeline/action'

/**
 * The commit of the intents on the current table, and the intents that conflict with other changes or cannot be carried
 * out. The request is the one after every conflict is resolved as *mine*.
 *
 * @throws {AppError} format-unsupported
 */
export async function reviewIntents(
  keys: Keys,
  catalog: CatalogClient,
  table: LoadedTable,
  intents: readonly Intent[],
  signal: AbortSignal,
): Promise<Review<ChangeReview>> {
  const { metadata } = table
  requireSupportedFormat(metadata)
  const seen = intents.map((intent) => unmaskSeenValue(keys, metadata, intent))
  const conflicts = findConflicts(metadata, seen)
  const rebased = rebase(seen, conflicts)
  const unreachable = findUnreachableFolder(table, rebased)
  // Lakeshore's own catalog refuses the commit; another one may know the folder.
  const problem = findProblem(metadata, rebased) ?? (catalog.kind === 'embedded' ? unreachable : null)
  const isPossible = problem === null && rebased.length > 0
  return {
    problem: conflicts.length > 0 ? changedError() : (problem?.error ?? null),
    async show() {
      const request = isPossible ? await buildChangeRequest(catalog, table, rebased, signal) : null
      return {
        request,
        requestDigest: request && digestOfBody(request.body),
        scripts: isPossible ? buildScripts(keys, table, rebased) : null,
        metadataLocation: table.metadataLocation,
        conflicts: conflicts.map((conflict) => maskConflict(keys, metadata, intents, conflict)),
        problem: problem && { index: originalIndex(seen, conflicts, problem.index), message: problem.error.message },
        warnings: isPossible ? [...warningsForIntents(metadata, rebased), ...unreachableWarnings(unreachable)] : [],
        needsConfirmation: isPossible && needsTypedName(metadata, rebased),
        figures: { dataFileCount: countDataFiles(metadata), snapshotCount: metadata.snapshots.length },
      }
    },
  }
}

function changedError(): AppError {
  return new AppError('commit-conflict', 'The table changed since you opened it. Review the changes and propose again.')
}

type Unreachable = { index: number; error: AppError; key: string; folder: string }

/** The first property that names a folder outside of the locations that the catalog of the table may use, or null. */
function findUnreachableFolder({ store }: LoadedTable, intents: readonly Intent[]): Unreachable | null {
  for (const [index, intent] of intents.entries()) {
    if (intent.kind !== 'set-property' || !LOCATION_PROPERTIES.some((name) => name === intent.key)) continue
    try {
      store.checkLocation(intent.value)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'location-refused') throw error
      return { index, error, key: intent.key, folder: intent.value }
    }
  }
  return null
}

function unreachableWarnings(unreachable: Unreachable | null): string[] {
  if (unreachable === null) return []
  const { key, folder } = unreachable
  return [
    `${key}: ${folder} is outside of the locations that this connection allows. Lakeshore could neither load into the table nor read what engines write there.`,
  ]
}

/** Null if the summary lacks the count: a review is possible without it. */
function countDataFiles({ snapshots, currentSnapshotId }: TableMetadata): number | null {
  if (currentSnapshotId === null) return 0
  const tip = snapshots.find(({ snapshotId }) => snapshotId === currentSnapshotId)
  try {
    return tip ? summaryCount(tip, 'total-data-files') : null
  } catch (error) {
    if (error instanceof AppError && error.code === 'file-damaged') return null
    throw error
  }
}

/** Statements and their comments repeat values of properties: of one that grants access, only the mask. */
function buildScripts(keys: Keys, { identifier, metadata }: LoadedTable, intents: readonly Intent[]): EngineScripts {
  const { tableUuid } = metadata
  const masked = intents.map((intent) =>
    intent.kind === 'set-property' || intent.kind === 'remove-property'
      ? { ...intent, base: maskProperty(keys, intent.key, intent.base, tableUuid) }
      : intent,
  )
  const properties = maskProperties(keys, metadata.properties, tableUuid)
  const { spark, trino, pyiceberg } = statementsForIntents({ ...metadata, properties }, masked, identifier)
  return { spark: toScript(spark), trino: toScript(trino), pyiceberg: toScript(pyiceberg) }
}

function toScript({ text, commitCount, missing }: EngineScript): EngineScripts['spark'] {
  return { text, commitCount, missingCount: missing.length }
}

/** The intents with *mine* chosen in every conflict, without those that have nothing left to change. */
function rebase(intents: readonly Intent[], conflicts: readonly IntentConflict[]): Intent[] {
  const rebasedByIndex = new Map(conflicts.map(({ index, rebased }) => [index, rebased]))
  return intents.flatMap((intent, i) => {
    const rebased = rebasedByIndex.has(i) ? rebasedByIndex.get(i) : intent
    return rebased ? [rebased] : []
  })
}

function originalIndex(intents: readonly Intent[], conflicts: readonly IntentConflict[], index: number): number {
  const dropped = new Set(conflicts.filter(({ rebased }) => rebased === null).map((conflict) => conflict.index))
  const retained = intents.flatMap((_, i) => (dropped.has(i) ? [] : [i]))
  const original = retained[index]
  if (original === undefined) throw new AppError('internal', `There is no intent ${index}`)
  return original
}

/** The mask of a property that grants access represents its value while the value is unchanged. */
function unmaskSeenValue(keys: Keys, { properties, tableUuid }: TableMetadata, intent: Intent): Intent {
  if (intent.kind !== 'set-property' && intent.kind !== 'remove-property') return intent
  const now = propertyValue(properties, intent.key)
  return maskProperty(keys, intent.key, now, tableUuid) === intent.base ? { ...intent, base: now } : intent
}

function maskConflict(
  keys: Keys,
  { tableUuid }: TableMetadata,
  intents: readonly Intent[],
  conflict: IntentConflict,
): ChangeConflict {
  const intent = intents[conflict.index]
  if (intent?.kind !== 'set-property' && intent?.kind !== 'remove-property') return conflict
  const now = maskProperty(keys, intent.key, conflict.current, tableUuid)
  return { ...conflict, base: intent.base, current: now, rebased: { ...intent, base: now } }
}
