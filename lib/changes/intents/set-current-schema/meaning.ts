import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { SetCurrentSchema } from './words'

export const setCurrentSchemaMeaning: IntentMeaning<SetCurrentSchema> = (_intent, figures) =>
  `${existingFiles(figures)} stay as they are; readers see the columns of that schema.`
