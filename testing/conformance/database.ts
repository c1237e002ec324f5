import { describe } from 'vitest'
import { describeAudit } from './database/auth/audit'
import { describeAuditReceivers } from './database/auth/audit-receivers'
import { describeBulkChanges } from './database/jobs/bulk-changes'
import { describeCatalogName } from './database/catalog/catalog-name'
import { describeConnections } from './database/catalog/connections'
import { describeFacts } from './database/facts'
import { describeFiles, describeHealth, describeMetricsReports } from './database/catalog/files'
import { describeFolderOwners } from './database/catalog/folder-owners'
import { describeFolders } from './database/catalog/folders'
import { describeHeldUploads } from './database/catalog/held-uploads'
import { describeIdempotency } from './database/jobs/idempotency'
import { describeJobs } from './database/jobs/jobs'
import { describeNamespaces } from './database/catalog/namespaces'
import { describePendingWrites } from './database/catalog/pending-writes'
import { describeChangePolicies, describeProposals } from './database/catalog/proposals'
import { describeRunLeases } from './database/jobs/run-leases'
import { describeRunLogs } from './database/jobs/run-logs'
import { describeLoadedFiles } from './database/jobs/loaded-files'
import { describeLoadedInputs } from './database/jobs/loaded-inputs'
import { describeSchedules, describeWorkers } from './database/jobs/schedules'
import { describeSavedQueries } from './database/saved-queries'
import { describeSearch } from './database/search'
import { describeSessions, describeSignInAttempts } from './database/auth/sessions'
import { describeSharedSettings } from './database/shared-settings'
import { describeShortcuts } from './database/catalog/shortcuts'
import { describeSnapshotWriters } from './database/catalog/snapshot-writers'
import { describeTableClients } from './database/catalog/table-clients'
import { describeTables } from './database/catalog/tables'
import type { OpenDatabase } from './database/testbed'
import { describeTidying } from './database/tidy'
import { describeTokens } from './database/auth/tokens'
import { describeTransactions } from './database/transactions'
import { describeAwaitingRuns } from './database/awaiting-runs'
import { describeUploads } from './database/uploads'
import { describeUsers } from './database/auth/users'

/** The contract that callers of every module of `server/db` rely on, whichever database is behind it. */
const SUITES: readonly ((open: OpenDatabase) => void)[] = [
  describeTransactions,
  describeAudit,
  describeAuditReceivers,
  describeIdempotency,
  describeUsers,
  describeSessions,
  describeSignInAttempts,
  describeTokens,
  describeJobs,
  describeRunLeases,
  describeRunLogs,
  describeBulkChanges,
  describeSchedules,
  describeLoadedFiles,
  describeLoadedInputs,
  describeWorkers,
  describeTidying,
  describeConnections,
  describeFacts,
  describeFiles,
  describeMetricsReports,
  describeHealth,
  describeCatalogName,
  describeSharedSettings,
  describeNamespaces,
  describeTables,
  describeFolders,
  describeFolderOwners,
  describeSavedQueries,
  describePendingWrites,
  describeProposals,
  describeChangePolicies,
  describeSnapshotWriters,
  describeShortcuts,
  describeTableClients,
  describeSearch,
  describeUploads,
  describeAwaitingRuns,
  describeHeldUploads,
]

export function describeDatabase(name: string, open: OpenDatabase): void {
  describe(`In ${name}`, () => {
    for (const describeSuite of SUITES) describeSuite(open)
  })
}
