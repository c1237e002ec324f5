import type { IntentMeaning } from '../intent-kind'
import type { ReplaceSortOrder } from './words'

export const replaceSortOrderMeaning: IntentMeaning<ReplaceSortOrder> = ({ fields }) =>
  fields.length === 0
    ? 'Existing files keep their order; new files need none.'
    : 'Existing files keep their order; writers that honour it sort new files.'
