import 'server-only'
import { tableChangeFromJson } from '@/lib/iceberg/commit/table-change-from-json'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import type { TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import type { FindOutcome, FoundOutcome } from '@/server/catalog/port/outbox'
import type { CommitEvidence, WriteEvidence } from '@/server/db/catalog/write-evidence'
import { showsCommit } from './commit/reconcile'
import { loadNamespace } from './namespaces'
import { loadTable } from './tables'
import type { RestDeps } from './rest-deps'
import { loadView } from './views'

/**
 * Finds out whether a write was made whose response is lost (`docs/commit-safety.md`). *Not committed* is what the
 * catalog shows now: a request that is still on its way may change it.
 */

/** How much the clocks of the catalog and of our database may differ. */
const MAX_CLOCK_DIFFERENCE_MS = 5 * 60_000

const [COMMITTED, NOT_COMMITTED, OPEN] = (['committed', 'not-committed', 'open'] as const).map(
  (outcome): FoundOutcome => ({ outcome, metadataLocation: null }),
) as [FoundOutcome, FoundOutcome, FoundOutcome]

type OutcomeCheck = { deps: RestDeps; sentAtMs: number; signal: AbortSignal }

export async function findOutcome(
  deps: RestDeps,
  evidence: WriteEvidence,
  options: Parameters<FindOutcome>[1],
): Promise<FoundOutcome> {
  const check = { deps, ...options }
  switch (evidence.kind) {
    case 'commits':
      return findCommits(check, evidence.commits)
    case 'created':
      return findCreated(check, evidence)
    case 'dropped': {
      const now = await findEntry(check, evidence.entry)
      if (now === null) return COMMITTED
      return evidence.metadataLocation !== null && now.locations.includes(evidence.metadataLocation)
        ? NOT_COMMITTED
        : OPEN
    }
    case 'renamed':
      return findRenamed(check, evidence)
    case 'view-replaced': {
      const now = await findEntry(check, evidence.view)
      return now?.location === evidence.metadataLocation ? NOT_COMMITTED : OPEN
    }
    case 'namespace':
      return findNamespaceChange(check, evidence)
  }
}

/** Either all tables show their part of the commit, or none of them does. */
async function findCommits(check: OutcomeCheck, commits: readonly CommitEvidence[]): Promise<FoundOutcome> {
  const found: FoundOutcome[] = []
  for (const commit of commits) {
    const now = await nullIfNotFound(() => loadTable(check.deps, commit.identifier, check))
    found.push(judgeCommit(commit, now))
  }
  const [first = OPEN] = found
  return found.every(({ outcome }) => outcome === first.outcome) ? first : OPEN
}

function judgeCommit({ base, snapshotIds, change }: CommitEvidence, now: LoadedTable | null): FoundOutcome {
  if (now === null) return base === null ? NOT_COMMITTED : OPEN
  const { metadata } = now
  const committed = { ...COMMITTED, metadataLocation: base && versionAfter(now, base.metadataLocation) }
  const hasSnapshots = snapshotIds.every((id) => metadata.snapshots.some(({ snapshotId }) => snapshotId === id))
  if (snapshotIds.length > 0 && hasSnapshots) return committed
  if (base === null || metadata.tableUuid !== base.tableUuid) return OPEN
  if (now.metadataLocation === base.metadataLocation) return NOT_COMMITTED
  const isContinued = versionAfter(now, base.metadataLocation) !== null
  if (snapshotIds.length > 0) return isContinued ? NOT_COMMITTED : OPEN
  if (change === null) return OPEN
  return showsCommit(now, base, tableChangeFromJson(parseExactJson(change))) ? committed : OPEN
}

/** The metadata file that replaced this one; null when the table no longer knows. */
function versionAfter({ metadata, metadataLocation }: LoadedTable, location: string): string | null {
  const versions = [...metadata.metadataLog.map(({ metadataFile }) => metadataFile), metadataLocation]
  const index = versions.indexOf(location)
  return index === -1 ? null : (versions[index + 1] ?? null)
}

async function findCreated(
  check: OutcomeCheck,
  { entry, metadataLocation }: Extract<WriteEvidence, { kind: 'created' }>,
): Promise<FoundOutcome> {
  const now = await findEntry(check, entry)
  if (now === null) return NOT_COMMITTED
  if (metadataLocation !== null) return now.locations.includes(metadataLocation) ? COMMITTED : OPEN
  // An entry that is older was there before, so the catalog refused this one.
  return now.oldestMs >= check.sentAtMs - MAX_CLOCK_DIFFERENCE_MS ? COMMITTED : NOT_COMMITTED
}

async function findRenamed(
  check: OutcomeCheck,
  { from, to, metadataLocation }: Extract<WriteEvidence, { kind: 'renamed' }>,
): Promise<FoundOutcome> {
  const [source, target] = [await findEntry(check, from), await findEntry(check, to)]
  if (source === null && target !== null && metadataLocation !== null && target.locations.includes(metadataLocation))
    return COMMITTED
  return source !== null && metadataLocation !== null && source.locations.includes(metadataLocation)
    ? NOT_COMMITTED
    : OPEN
}

async function findNamespaceChange(
  { deps, signal }: OutcomeCheck,
  { namespace, before, after }: Extract<WriteEvidence, { kind: 'namespace' }>,
): Promise<FoundOutcome> {
  const now = await nullIfNotFound(() => loadNamespace(deps.session, namespace, { signal }))
  if (now === null) return after === null ? COMMITTED : before === null ? NOT_COMMITTED : OPEN
  if (after === null) return NOT_COMMITTED
  const keys = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after)])]
  const changed = keys.filter((key) => before === null || propertyValue(before, key) !== propertyValue(after, key))
  const isAt = (state: Readonly<Record<string, string>>) =>
    changed.every((key) => propertyValue(now.properties, key) === propertyValue(state, key))
  if (isAt(after)) return COMMITTED
  return before !== null && isAt(before) ? NOT_COMMITTED : OPEN
}

/** Its current and its earlier metadata files, and the oldest time that it knows. */
type FoundEntry = { location: string; locations: readonly string[]; oldestMs: number }

async function findEntry(check: OutcomeCheck, entry: TableIdentifier | ViewIdentifier): Promise<FoundEntry | null> {
  const { deps, signal } = check
  if ('view' in entry) {
    const view = await nullIfNotFound(() => loadView(deps.session, entry, { signal }))
    if (view === null) return null
    const { metadataLocation: location, metadata } = view
    return { location, locations: [location], oldestMs: Math.min(...metadata.versions.map((one) => one.timestampMs)) }
  }
  const table = await nullIfNotFound(() => loadTable(deps, entry, { signal }))
  if (table === null) return null
  const { metadataLocation: location, metadata } = table
  const log = metadata.metadataLog
  return {
    location,
    locations: [location, ...log.map(({ metadataFile }) => metadataFile)],
    oldestMs: Math.min(metadata.lastUpdatedMs, ...log.map(({ timestampMs }) => timestampMs)),
  }
}
