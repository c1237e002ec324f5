import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { AddColumn } from './words'

export const addColumnMeaning: IntentMeaning<AddColumn> = ({ initialDefault, required }, figures) =>
  initialDefault !== null
    ? `${existingFiles(figures)} stay as they are; their rows read the initial default.`
    : required
      ? 'Every row written from now on needs a value.'
      : `${existingFiles(figures)} stay as they are; their rows read null.`
