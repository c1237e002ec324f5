import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { clientLabel, clientLimits, describeAccess, RECENT_DAYS, recentClients } from '@/lib/uses/client-texts'
import { countUses, limitsOfUses, usedByLabel } from '@/lib/uses/use-texts'
import { openTableUses } from '@/server/search/table-uses'
import { readTableClients } from '@/server/table/table-clients'
import type { UseServices } from '@/server/search/known-texts'
import type { TableUse } from '@/lib/contract/table/uses'
import type { ChangeRequest } from './change-request'

const MAX_NAMED = 5
const MAX_NAMED_CLIENTS = 3

type Reader = Pick<ChangeRequest, 'actor' | 'signal'>

/** As sentences: `used` by what, and how far that is known. */
type Warnings = { used: string[]; limits: string[] }

/**
 * Names the uses of a table or view that is about to be dropped or moved, and the clients that used it lately, as far as
 * the user may read them. Whatever does not depend on the entry is read with the first one, so this is for the entries of
 * one request or run. The returned functions throw only when the request is cancelled: a failure is a limit.
 *
 * @param isLeftOut whether a use does not count, such as of what goes with the entry
 */
export function createUseWarnings(services: UseServices, isLeftOut: (use: TableUse) => boolean = () => false) {
  let opening: ReturnType<typeof openTableUses> | null = null
  /** Takes a view as the table of its name, too. */
  const findUses = async (on: TableIdentifier, reader: Reader): Promise<Warnings> => {
    try {
      opening ??= openTableUses(services, reader)
      const found = await (await opening).findUses({ table: on, columns: [], formerColumns: [] }, {})
      const { uses: all, ...known } = found
      const uses = all.filter((use) => !isLeftOut(use))
      const further = uses.length > MAX_NAMED ? ` and ${uses.length - MAX_NAMED} more` : ''
      const named = uses
        .slice(0, MAX_NAMED)
        .map((use) => usedByLabel(use, on.catalog))
        .join(', ')
      return {
        used: uses.length === 0 ? [] : [`Used by ${countUses(uses)}: ${named}${further}.`],
        limits: limitsOfUses(known),
      }
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'cancelled') throw error
      opening = null
      return { used: [], limits: [`What uses it could not be read, so it is not known: ${error.message}`] }
    }
  }
  return {
    ofView: findUses,
    async ofTable(on: TableIdentifier, reader: Reader): Promise<Warnings> {
      const [uses, clients] = [await findUses(on, reader), await findClients(services, on, reader)]
      return { used: [...uses.used, ...clients.used], limits: [...uses.limits, ...clients.limits] }
    },
  }
}

/** The limits that hold for every table of the embedded catalog are not repeated for each. */
async function findClients(
  { catalogs, database }: Pick<UseServices, 'catalogs' | 'database'>,
  on: TableIdentifier,
  { actor, signal }: Reader,
): Promise<Warnings> {
  try {
    const catalog = await catalogs.open(on.catalog, actor)
    const { metadata } = await catalog.loadTable(on, { signal })
    const found = await readTableClients(database, metadata, { isRecorded: catalog.kind === 'embedded' })
    const nowMs = database.nowMs()
    const clients = recentClients(found, nowMs)
    const further = clients.length > MAX_NAMED_CLIENTS ? ` and ${clients.length - MAX_NAMED_CLIENTS} more` : ''
    const named = clients
      .slice(0, MAX_NAMED_CLIENTS)
      .map((client) => `${clientLabel(client)} (${describeAccess(client, nowMs, null)})`)
      .join(', ')
    return {
      used: clients.length === 0 ? [] : [`Used in the last ${RECENT_DAYS} days by ${named}${further}.`],
      limits: found.recordedSince === null ? [clientLimits(found)] : [],
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'cancelled') throw error
    return {
      used: [],
      limits: [`The list of its clients could not be read, so it is not known which use it: ${error.message}`],
    }
  }
}
