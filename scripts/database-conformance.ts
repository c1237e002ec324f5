import { describe } from 'vitest'
import { describeAudit } from './database-conformance/audit'
import { describeCatalogName } from './database-conformance/catalog-name'
import { describeConnections } from './database-conformance/connections'
import { describeFiles, describeHealth, describeMetricsReports } from './database-conformance/files'
import { describeFolders } from './database-conformance/folders'
import { describeIdempotency } from './database-conformance/idempotency'
import { describeJobs } from './database-conformance/jobs'
import { describeNamespaces } from './database-conformance/namespaces'
import { describeRunLeases } from './database-conformance/run-leases'
import { describeRunLogs } from './database-conformance/run-logs'
import { describeSchedules, describeWorkers } from './database-conformance/schedules'
import { describeSessions, describeSignInAttempts } from './database-conformance/sessions'
import { describeSharedSettings } from './database-conformance/shared-settings'
import { describeTables } from './database-conformance/tables'
import type { OpenDatabase } from './database-conformance/testbed'
import { describeTidying } from './database-conformance/tidy'
import { describeTokens } from './database-conformance/tokens'
import { describeTransactions } from './database-conformance/transactions'
import { describeUsers } from './database-conformance/users'

/** What callers rely on of every noun of `server/db`, whichever database is behind it. */
const SUITES: readonly ((open: OpenDatabase) => void)[] = [
  describeTransactions,
  describeAudit,
  describeIdempotency,
  describeUsers,
  describeSessions,
  describeSignInAttempts,
  describeTokens,
  describeJobs,
  describeRunLeases,
  describeRunLogs,
  describeSchedules,
  describeWorkers,
  describeTidying,
  describeConnections,
  describeFiles,
  describeMetricsReports,
  describeHealth,
  describeCatalogName,
  describeSharedSettings,
  describeNamespaces,
  describeTables,
  describeFolders,
]

export function describeDatabase(name: string, open: OpenDatabase): void {
  describe(`In ${name}`, () => {
    for (const describeSuite of SUITES) describeSuite(open)
  })
}
