import type { IntentMeaning } from '../intent-kind'
import type { RenameColumn } from './words'

export const renameColumnMeaning: IntentMeaning<RenameColumn> = () =>
  'The id is kept: existing files are read as before. Queries that use the old name no longer read it.'
