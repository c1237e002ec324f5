import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { MakeColumnOptional } from './words'

export const makeColumnOptionalMeaning: IntentMeaning<MakeColumnOptional> = (_intent, figures) =>
  `${existingFiles(figures)} stay as they are; readers have to expect null.`
