import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { SetDefaultSortOrder } from './words'

export const setDefaultSortOrderMeaning: IntentMeaning<SetDefaultSortOrder> = (_intent, figures) =>
  `${existingFiles(figures)} keep their order; writers that honour it sort new files.`
