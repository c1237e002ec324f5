import type { IntentMeaning } from '../intent-kind'
import type { MoveColumn } from './words'

export const moveColumnMeaning: IntentMeaning<MoveColumn> = () =>
  'Existing files stay as they are; readers see the new order.'
