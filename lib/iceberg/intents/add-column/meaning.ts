import type { IntentMeaning } from '../intent-kind'
import type { AddColumn } from './words'

export const addColumnMeaning: IntentMeaning<AddColumn> = ({ initialDefault, required }) =>
  initialDefault !== null
    ? 'Existing files stay as they are; their rows read the initial default.'
    : required
      ? 'Every row written from now on needs a value.'
      : 'Existing files stay as they are; their rows read null.'
