import 'server-only'
import type { TableClients } from '@/lib/contract/table/clients'
import type { TableUses } from '@/lib/contract/table/uses'
import { AppError } from '@/lib/errors'
import { entryLabel, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { RECENT_DAYS } from '@/lib/uses/client-texts'
import { isKnownToBeUsed } from '@/lib/uses/known-use'
import { countUses } from '@/lib/uses/use-texts'
import type { Attempt } from './attempt'
import type { ChangeServices } from './change-request'

/**
 * A new name breaks what finds a table or view by the old one. It therefore asks for the typed name as a drop does, unless
 * nothing is known that uses the entry. If the name was typed, the uses are not read.
 *
 * @param readUses null if the metadata of the entry cannot be read; `clients` is null for a view
 * @throws {AppError} invalid-request when the name was not typed, although something uses the entry, or its uses cannot
 *   be read
 */
export async function requireNameOfUsed(
  attempt: Attempt<ChangeServices>,
  on: TableIdentifier | ViewIdentifier,
  readUses: (() => Promise<{ uses: TableUses; clients: TableClients | null }>) | null,
): Promise<void> {
  if (attempt.hasTypedName(on)) return
  const label = entryLabel(on)
  if (readUses === null) {
    attempt.requireTypedName(on, `The metadata of ${label} cannot be read, so it is not known what uses it.`)
    return
  }
  const found = await readUses().catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code === 'cancelled') throw error
    attempt.requireTypedName(on, `What uses ${label} could not be read, so it is not known.`)
    throw error
  })
  const { uses } = found.uses
  if (!isKnownToBeUsed(found.uses, found.clients, attempt.services.database.nowMs())) return
  attempt.requireTypedName(
    on,
    uses.length === 0
      ? `A client used ${label} in the last ${RECENT_DAYS} days.`
      : `${countUses(uses)} ${uses.length === 1 ? 'uses' : 'use'} ${label}.`,
  )
}
