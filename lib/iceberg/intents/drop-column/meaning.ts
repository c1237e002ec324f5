import type { IntentMeaning } from '../intent-kind'
import type { DropColumn } from './words'

export const dropColumnMeaning: IntentMeaning<DropColumn> = () =>
  'Existing files keep its values, unread; its id is not used again.'
