import 'server-only'
import type { Expiry } from '@/lib/contract/table/expiry'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { type AuditEntry, hasHappened } from '@/server/db/audit'
import { listAudit, readAudit } from '@/server/db/audit-list'
import type { Database } from '@/server/db/database'
import { readRun } from '@/server/db/jobs/runs'
import { buildWireRun } from '@/server/jobs/run-view'
import { listOpenRemovals, removalSpec } from './queued-removals'
import { findUndoProblem } from './undo-problem'

const MAX_LISTED = 20
/** An expiry without later commits is the newest entry of its table. */
const MAX_READ_ENTRIES = 20

/** The latest expiries of a table whose files are still to be removed, or that can be undone; the newest first. */
export async function readPendingExpiries(
  database: Database,
  catalog: CatalogClient,
  table: LoadedTable,
  { actor, signal }: { actor: Actor; signal: AbortSignal },
): Promise<Expiry[]> {
  const entries = await findEntries(database, table.metadata.tableUuid)
  const found: Expiry[] = []
  for (const entry of entries) {
    const { expiry } = entry.after ?? {}
    if (!expiry || !hasHappened(entry) || entry.undoneBy !== null) continue
    const run = expiry.removal && (await readRun(database, expiry.removal.runId))
    const isOpen = run !== null && (run.state === 'queued' || run.state === 'running')
    const undoProblem = await findUndoProblem(database, catalog, table, entry, signal)
    if (!isOpen && undoProblem !== null) continue
    const { snapshotCount, fileCount, sizeBytes } = expiry
    found.push({
      auditId: entry.id,
      atMs: entry.atMs,
      actor: entry.actor.username,
      snapshotCount,
      fileCount,
      sizeBytes,
      removal: run && (await buildWireRun(database, run, actor)),
      undoProblem: undoProblem?.text ?? null,
    })
  }
  return found.slice(0, MAX_LISTED)
}

async function findEntries(database: Database, tableUuid: string): Promise<AuditEntry[]> {
  const found = new Map<string, AuditEntry>()
  for (const entry of await listAudit(database, { tableUuid, limit: MAX_READ_ENTRIES })) found.set(entry.id, entry)
  for (const run of (await listOpenRemovals(database, tableUuid)).slice(0, MAX_LISTED)) {
    const { auditId } = removalSpec.parse(run.spec)
    const entry = found.get(auditId) ?? (await readAudit(database, auditId))
    if (entry) found.set(auditId, entry)
  }
  return [...found.values()].sort((a, b) => b.atMs - a.atMs)
}
