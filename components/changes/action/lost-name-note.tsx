import type { TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import { effectsOfLostName } from '@/lib/uses/reader-effects'
import { ReaderEffectsNote } from './reader-effects-note'

type LostNameNoteProps = { entry: TableIdentifier | ViewIdentifier; loss: 'rename' | 'drop' }

/** The readers of a table or view that gets another name, or is dropped, each with what happens to it. */
export function LostNameNote({ entry, loss }: LostNameNoteProps) {
  return <ReaderEffectsNote entry={entry} lost="entry" toEffects={(uses) => effectsOfLostName(entry, uses, loss)} />
}
