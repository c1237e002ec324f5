import type { IntentMeaning } from '../intent-kind'
import type { SetDefaultSortOrder } from './words'

export const setDefaultSortOrderMeaning: IntentMeaning<SetDefaultSortOrder> = () =>
  'Existing files keep their order; writers that honour it sort new files.'
