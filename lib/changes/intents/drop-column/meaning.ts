import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { DropColumn } from './words'

export const dropColumnMeaning: IntentMeaning<DropColumn> = (_intent, figures) =>
  `${existingFiles(figures)} keep its values, unread; its id is not used again.`
