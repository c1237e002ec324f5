import type { IntentMeaning } from '../intent-kind'
import type { RollBack } from './words'

export const rollBackMeaning: IntentMeaning<RollBack> = ({ safetyTag }) =>
  safetyTag === null
    ? 'Readers see the rows of that snapshot; later snapshots stay until they expire.'
    : `Readers see the rows of that snapshot; the tag ${safetyTag.name} keeps the snapshot of now.`
