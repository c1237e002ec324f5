import type { IntentMeaning } from '../intent-kind'
import type { MakeColumnOptional } from './words'

export const makeColumnOptionalMeaning: IntentMeaning<MakeColumnOptional> = () =>
  'Existing files stay as they are; readers have to expect null.'
