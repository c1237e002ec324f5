import type { IntentMeaning } from '../intent-kind'
import type { SetCurrentSchema } from './words'

export const setCurrentSchemaMeaning: IntentMeaning<SetCurrentSchema> = () =>
  'Existing files stay as they are; readers see the columns of that schema.'
