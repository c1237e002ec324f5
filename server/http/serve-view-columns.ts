import 'server-only'
import * as z from 'zod'
import type { readViewColumns, ViewColumns } from '@/lib/contract/lifecycle/views'
import { AppError } from '@/lib/errors'
import { asTableIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import { sqlName } from '@/lib/query/tables/table-name'
import { quoteIdentifier } from '@/lib/sql/quote-identifier'
import { normalizeViewSql, viewSqlProblem } from '@/lib/query/checks/view-sql-problem'
import type { LakeAccess } from '@/server/engines/sql-engine'
import type { Services } from '@/server/services'
import { toViewColumns } from '@/server/view/view-columns'
import type { ApiFetch } from './api-fetch'
import { handleRequest, type RequestContext, type ServedEndpoint } from './handle-request'

type Input = z.output<typeof readViewColumns.input>

/** The query reads no data, so it ends soon or is stuck. */
const MAX_SECONDS = 30
const MAX_RESULT_BYTES = 1024 * 1024

/** Serves the columns of a view that is not stored yet: the server's engine plans its SQL. */
export function serveViewColumns(
  services: Services,
  endpoint: typeof readViewColumns,
  apiFetch: ApiFetch,
): ServedEndpoint {
  return {
    endpoint,
    handle: (request, context) =>
      handleRequest(services, endpoint, request, context, async (input, requestContext) => {
        const columns = await readColumns(services, input, requestContext, (read, signal) =>
          apiFetch(request, read, signal),
        )
        return Response.json(z.encode(endpoint.output, columns))
      }),
  }
}

async function readColumns(
  { catalogs, queryRuns, sqlEngine, stopping }: Services,
  { dialect, sql: text, defaultCatalog, defaultNamespace, ...view }: Input,
  { actor, session, signal }: RequestContext,
  read: LakeAccess['read'],
): Promise<ViewColumns> {
  // Before a process is started for a catalog that does not exist.
  await catalogs.open(view.catalog, actor)
  const sql = normalizeViewSql(text)
  const problem = viewSqlProblem({ dialect, sql })
  if (problem !== null) return { outcome: 'refused', message: problem }
  if (sqlEngine === null)
    return {
      outcome: 'unknown',
      message: 'This server runs no queries, so it cannot say which columns the SQL returns.',
    }
  const identifier = asTableIdentifier(view)
  const { catalog, namespace, table } = identifier
  const connections = await catalogs.listNames(actor)
  const release = await queryRuns.acquireSoon(session.userId, signal).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'too-many-requests') return null
    throw error
  })
  if (release === null) return { outcome: 'busy', message: 'The server is already running as many queries as it may.' }
  try {
    const columns = await sqlEngine.describe(
      {
        sql: `SELECT * FROM ${[catalog, ...namespace, table].map(quoteIdentifier).join('.')}`,
        cursor: 0,
        connection: catalog,
        connections,
        maxRows: 1,
      },
      {
        access: { read },
        limits: { seconds: MAX_SECONDS, resultBytes: MAX_RESULT_BYTES },
        signal: AbortSignal.any([signal, stopping]),
        draftView: { identifier, dialect, sql, defaultCatalog, defaultNamespace },
      },
    )
    return toViewColumns(columns)
  } catch (error) {
    return toRefusal(error, {
      identifier,
      dialect,
      isOwnDialect: dialect.toLowerCase() === sqlEngine.capabilities.dialect,
    })
  } finally {
    release()
  }
}

type Draft = { identifier: TableIdentifier; dialect: string; isOwnDialect: boolean }

/**
 * The problem of the SQL, or that it cannot be checked here: SQL in the engine's own dialect that the engine refuses is
 * wrong, and so is a view that reads itself, or a name that no engine could find. Other failures are thrown.
 */
function toRefusal(error: unknown, draft: Draft): ViewColumns {
  if (!(error instanceof AppError)) throw error
  const ownRefusal = describeOwnRefusal(error, draft)
  if (ownRefusal !== null) return ownRefusal
  // The name of the draft may be a placeholder, and the text is the only SQL on the page.
  const name = sqlName([...draft.identifier.namespace, draft.identifier.table])
  const message = error.message.replace(`The view ${name} `, 'The SQL ')
  switch (error.code) {
    case 'not-supported':
      return { outcome: draft.isOwnDialect || message.includes('reads itself') ? 'refused' : 'unknown', message }
    case 'query-failed':
    case 'not-found':
    case 'forbidden':
      return { outcome: 'refused', message }
    case 'too-large':
      return { outcome: 'unknown', message }
    default:
      throw error
  }
}

/** Why the engine refuses the SQL of the draft itself; null if it refuses a table or view that the SQL reads. */
function describeOwnRefusal({ facts }: AppError, { dialect, isOwnDialect }: Draft): ViewColumns | null {
  const { refusal, missingName, view } = facts
  if (typeof refusal !== 'string' || view !== undefined) return null
  if (typeof missingName === 'string')
    return { outcome: 'refused', message: `The SQL names ${missingName}, but what it reads has no such column.` }
  const reason = refusal.replace(/[.!]$/, '')
  return isOwnDialect
    ? { outcome: 'refused', message: `DuckDB does not accept the SQL: ${reason}.` }
    : { outcome: 'unknown', message: `The SQL in the dialect ${dialect} cannot be checked here: ${reason}.` }
}
