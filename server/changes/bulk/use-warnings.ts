import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { countUses, limitsOfUses, usedByLabel } from '@/lib/uses/use-texts'
import { openTableUses } from '@/server/search/table-uses'
import type { Services } from '@/server/services'
import type { ProposalServices } from '../proposals/proposable'
import type { ChangeRequest } from '../pipeline/change-request'

export type BulkServices = ProposalServices & Pick<Services, 'namedTables' | 'viewTexts'>

const MAX_NAMED = 5

/**
 * Names the uses of a table that is about to be dropped or moved, as sentences for its preview, as far as the user may
 * read them. Whatever does not depend on the table is read with the first one, so this is for the tables of one run.
 */
export function createUseWarnings(
  services: BulkServices,
): (on: TableIdentifier, reader: Pick<ChangeRequest, 'actor' | 'signal'>) => Promise<string[]> {
  let opening: ReturnType<typeof openTableUses> | null = null
  return async (on, reader) => {
    try {
      opening ??= openTableUses(services, reader)
      const { uses, ...known } = await (await opening).findUses({ table: on, columns: [], formerColumns: [] }, {})
      const further = uses.length > MAX_NAMED ? ` and ${uses.length - MAX_NAMED} more` : ''
      const named = uses
        .slice(0, MAX_NAMED)
        .map((use) => usedByLabel(use, on.catalog))
        .join(', ')
      return [...(uses.length === 0 ? [] : [`Used by ${countUses(uses)}: ${named}${further}.`]), ...limitsOfUses(known)]
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'cancelled') throw error
      opening = null
      return [`What uses it could not be read, so it is not known: ${error.message}`]
    }
  }
}
