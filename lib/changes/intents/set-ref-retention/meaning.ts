import type { IntentMeaning } from '../intent-kind'
import type { SetRefRetention } from './words'

export const setRefRetentionMeaning: IntentMeaning<SetRefRetention> = () =>
  'Nothing expires now; the next expiry obeys it.'
