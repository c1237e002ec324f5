import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { ReplaceSortOrder } from './words'

export const replaceSortOrderMeaning: IntentMeaning<ReplaceSortOrder> = ({ fields }, figures) =>
  fields.length === 0
    ? `${existingFiles(figures)} keep their order; new files need none.`
    : `${existingFiles(figures)} keep their order; writers that honour it sort new files.`
