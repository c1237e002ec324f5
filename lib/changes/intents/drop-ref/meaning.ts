import type { IntentMeaning } from '../intent-kind'
import type { DropRef } from './words'

export const dropRefMeaning: IntentMeaning<DropRef> = ({ safetyTag }) =>
  safetyTag === null
    ? 'No file is deleted; snapshots that nothing else keeps can expire.'
    : `No file is deleted; the tag ${safetyTag.name} keeps its snapshot.`
