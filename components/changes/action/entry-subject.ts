import { type EntryIdentifier, entryKind, entryLabel } from '@/lib/names/identifiers'

/** The entry as the subject of a problem: `demo.flights`, or `Namespace demo`. */
export function entrySubject(entry: EntryIdentifier): string {
  return entryKind(entry) === 'namespace' ? `Namespace ${entryLabel(entry)}` : entryLabel(entry)
}
