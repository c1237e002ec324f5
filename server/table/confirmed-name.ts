import 'server-only'
import { AppError } from '@/lib/errors'
import { type EntryIdentifier, entryLabel, entryLabelInCatalog } from '@/lib/names/identifiers'

/**
 * Programs may leave the catalog out, because their request names it. The console asks for it if there is more than one.
 *
 * @throws {AppError} invalid-request when the name is not that of the entry, with or without its catalog
 */
export function requireConfirmedName(entry: EntryIdentifier, confirmedName: string | undefined): void {
  const name = entryLabel(entry)
  if (confirmedName !== name && confirmedName !== entryLabelInCatalog(entry))
    throw new AppError('invalid-request', `To confirm, type ${name}.`)
}
