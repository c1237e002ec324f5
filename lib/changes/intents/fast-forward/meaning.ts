import type { IntentMeaning } from '../intent-kind'
import type { FastForward } from './words'

export const fastForwardMeaning: IntentMeaning<FastForward> = ({ refName, toRefName }) =>
  `Readers of ${refName} see the rows of ${toRefName}; no file is written.`
