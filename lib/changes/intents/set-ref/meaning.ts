import type { IntentMeaning } from '../intent-kind'
import type { SetRef } from './words'

export const setRefMeaning: IntentMeaning<SetRef> = ({ refName }) =>
  `Readers of ${refName} see the rows of that snapshot; no file is written or deleted.`
