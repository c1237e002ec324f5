import { describe } from 'vitest'
import { proveAudit } from './database-conformance/audit'
import { proveCatalogName } from './database-conformance/catalog-name'
import { proveConnections } from './database-conformance/connections'
import { proveFiles, proveHealth, proveMetricsReports } from './database-conformance/files'
import { proveFolders } from './database-conformance/folders'
import { proveIdempotency } from './database-conformance/idempotency'
import { proveJobs } from './database-conformance/jobs'
import { proveNamespaces } from './database-conformance/namespaces'
import { proveRunLeases } from './database-conformance/run-leases'
import { proveRunLogs } from './database-conformance/run-logs'
import { proveSchedules, proveWorkers } from './database-conformance/schedules'
import { proveSessions, proveSignInTries } from './database-conformance/sessions'
import { proveSharedSettings } from './database-conformance/shared-settings'
import { proveTables } from './database-conformance/tables'
import type { OpenDatabase } from './database-conformance/testbed'
import { proveTidying } from './database-conformance/tidy'
import { proveTokens } from './database-conformance/tokens'
import { proveTransactions } from './database-conformance/transactions'
import { proveUsers } from './database-conformance/users'

/** What callers rely on of every noun of `server/db`, whichever database is behind it. */
const PROOFS: readonly ((open: OpenDatabase) => void)[] = [
  proveTransactions,
  proveAudit,
  proveIdempotency,
  proveUsers,
  proveSessions,
  proveSignInTries,
  proveTokens,
  proveJobs,
  proveRunLeases,
  proveRunLogs,
  proveSchedules,
  proveWorkers,
  proveTidying,
  proveConnections,
  proveFiles,
  proveMetricsReports,
  proveHealth,
  proveCatalogName,
  proveSharedSettings,
  proveNamespaces,
  proveTables,
  proveFolders,
]

export function describeDatabase(name: string, open: OpenDatabase): void {
  describe(`In ${name}`, () => {
    for (const prove of PROOFS) prove(open)
  })
}
