import type { IntentMeaning } from '../intent-kind'
import type { SetColumnDoc } from './words'

export const setColumnDocMeaning: IntentMeaning<SetColumnDoc> = () =>
  'No data file changes; readers see the new description.'
