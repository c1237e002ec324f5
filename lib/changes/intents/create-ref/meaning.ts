import type { IntentMeaning } from '../intent-kind'
import type { CreateRef } from './words'

export const createRefMeaning: IntentMeaning<CreateRef> = () =>
  'No file is written. Its snapshot is kept as long as it exists.'
