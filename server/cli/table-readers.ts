import 'server-only'
import type { TableClient, TableClients } from '@/lib/contract/table/clients'
import type { TableUses } from '@/lib/contract/table/uses'
import { clientDemands } from '@/lib/changes/intents/client-support'
import type { Intent } from '@/lib/changes/intents/intent'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { clientLabel, clientLimits, describeAccess, RECENT_DAYS, recentClients } from '@/lib/uses/client-texts'
import { judgeClients, summarizeClients } from '@/lib/uses/judged-clients'
import { lostColumns } from '@/lib/uses/lost-columns'
import { countUses, limitsOfUses, describeUse, usedByLabel, usesColumn } from '@/lib/uses/use-texts'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { readTableUses } from '@/server/search/table-uses'
import type { Services } from '@/server/services'
import { readTableClients } from '@/server/table/table-clients'

/** Lines about the uses of columns that the changes drop or rename, and about clients that may not support the changes. */
export async function describeReaders(
  services: Services,
  identifier: TableIdentifier,
  intents: readonly Intent[],
  signal: AbortSignal,
): Promise<string[]> {
  const columns = lostColumns(intents)
  const asksOfClients = clientDemands(intents).length > 0
  if (columns.length === 0 && !asksOfClients) return []
  const actor = actorFor(COMMAND_LINE)
  const catalog = await services.catalogs.open(identifier.catalog, actor)
  const table = await catalog.loadTable(identifier, { signal })
  const isRecorded = catalog.kind === 'embedded'
  const clients = await readTableClients(services.database, table.metadata, { isRecorded })
  return [
    ...(columns.length === 0
      ? []
      : usesToLines(identifier.catalog, columns, await readTableUses(services, table, { actor, signal }))),
    ...clientsToLines(clients, asksOfClients ? intents : null, services.database.nowMs()),
  ]
}

function usesToLines(catalog: string, columns: readonly string[], { uses, ...known }: TableUses): string[] {
  const using = uses.filter((use) => usesColumn(use, columns))
  return [
    using.length === 0
      ? `Used by: no view, check, saved query or proposal that is known uses ${columns.join(', ')}.`
      : `Used by: ${countUses(using)}.`,
    ...using.map((use) => `  ${usedByLabel(use, catalog)}: ${describeUse(use, catalog)}`),
    ...limitsOfUses(known).map((limit) => `  ${limit}`),
  ]
}

/** @param intents null if they ask nothing of clients */
function clientsToLines(clients: TableClients, intents: readonly Intent[] | null, nowMs: number): string[] {
  const toLine = (client: TableClient) => `  ${clientLabel(client)}: ${describeAccess(client, nowMs)}`
  if (intents === null) {
    const recent = recentClients(clients, nowMs)
    return [
      `Known clients of the last ${RECENT_DAYS} days: ${recent.length}. ${clientLimits(clients)}`,
      ...recent.map(toLine),
    ]
  }
  const judged = judgeClients(clients, intents, nowMs)
  return [
    `${summarizeClients(clients, judged)} ${clientLimits(clients)}`,
    ...judged.map(({ client, text }) => `${toLine(client)}; ${text}`),
  ]
}
