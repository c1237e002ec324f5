import 'server-only'
import { AppError } from '@/lib/errors'
import { type EntryIdentifier, entryLabel, entryLabelInCatalog } from '@/lib/names/identifiers'

/**
 * Programs may leave the catalog out, because their request names it. The console asks for it if there is more than one.
 *
 * @param reason why the name has to be typed, as a sentence, if it depends on the state
 * @throws {AppError} invalid-request when the name is not that of the entry, with or without its catalog
 */
export function requireConfirmedName(entry: EntryIdentifier, confirmedName: string | undefined, reason?: string): void {
  if (isConfirmedName(entry, confirmedName)) return
  throw new AppError(
    'invalid-request',
    `${reason === undefined ? '' : `${reason} `}To confirm, type ${entryLabel(entry)}.`,
  )
}

export function isConfirmedName(entry: EntryIdentifier, confirmedName: string | undefined): boolean {
  return confirmedName === entryLabel(entry) || confirmedName === entryLabelInCatalog(entry)
}
