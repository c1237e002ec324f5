import 'server-only'
import type { TableClient, TableClients } from '@/lib/contract/table/clients'
import type { TableUses } from '@/lib/contract/table/uses'
import { clientDemands } from '@/lib/changes/intents/client-support'
import type { Intent } from '@/lib/changes/intents/intent'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { clientLabel, clientLimits, describeAccess, RECENT_DAYS, recentClients } from '@/lib/uses/client-texts'
import { judgeClients, summarizeClients } from '@/lib/uses/judged-clients'
import { lostColumns } from '@/lib/uses/lost-columns'
import { concernsReaders, describeEffect, readerEffects, summarizeEffects } from '@/lib/uses/reader-effects'
import { limitsOfUses, usedByLabel } from '@/lib/uses/use-texts'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { readTableUses } from '@/server/search/table-uses'
import type { Services } from '@/server/services'
import { readTableClients } from '@/server/table/table-clients'

/** Lines about what happens to readers of the changed columns, and about clients that may not support the changes. */
export async function describeReaders(
  services: Services,
  identifier: TableIdentifier,
  intents: readonly Intent[],
  signal: AbortSignal,
): Promise<string[]> {
  const losesColumns = lostColumns(intents).length > 0
  const asksOfClients = clientDemands(intents).length > 0
  if (!concernsReaders(intents) && !asksOfClients) return []
  const actor = actorFor(COMMAND_LINE)
  const catalog = await services.catalogs.open(identifier.catalog, actor)
  const table = await catalog.loadTable(identifier, { signal })
  const isRecorded = catalog.kind === 'embedded'
  const clients = await readTableClients(services.database, table.metadata, { isRecorded })
  const readers = concernsReaders(intents)
    ? effectsToLines(identifier, intents, await readTableUses(services, table, { actor, signal }))
    : []
  return [
    ...readers,
    ...(losesColumns || asksOfClients
      ? clientsToLines(clients, asksOfClients ? intents : null, services.database.nowMs())
      : []),
  ]
}

/** Empty if no reader is known, and none could break. */
function effectsToLines(table: TableIdentifier, intents: readonly Intent[], { uses, ...known }: TableUses): string[] {
  const effects = readerEffects(table, uses, intents)
  const columns = lostColumns(intents)
  if (effects.length === 0 && columns.length === 0) return []
  return [
    effects.length === 0
      ? `Used by: no view, check, saved query or proposal that is known uses ${columns.join(', ')}.`
      : `Used by: ${summarizeEffects(effects)}`,
    ...effects.map((effect) => `  ${usedByLabel(effect.use, table.catalog)}: ${describeEffect(effect)}`),
    ...limitsOfUses(known).map((limit) => `  ${limit}`),
  ]
}

/** @param intents null if they ask nothing of clients */
function clientsToLines(clients: TableClients, intents: readonly Intent[] | null, nowMs: number): string[] {
  const toLine = (client: TableClient) => `  ${clientLabel(client)}: ${describeAccess(client, nowMs, null)}`
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
