import type { IntentMeaning } from '../intent-kind'
import type { RenameRef } from './words'

export const renameRefMeaning: IntentMeaning<RenameRef> = () =>
  'It stays at its snapshot; readers and writers that use the old name no longer find it.'
