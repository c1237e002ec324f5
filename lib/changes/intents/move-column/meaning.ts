import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { MoveColumn } from './words'

export const moveColumnMeaning: IntentMeaning<MoveColumn> = (_intent, figures) =>
  `${existingFiles(figures)} stay as they are; readers see the new order.`
