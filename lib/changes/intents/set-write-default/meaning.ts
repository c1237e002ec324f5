import type { IntentMeaning } from '../intent-kind'
import type { SetWriteDefault } from './words'

export const setWriteDefaultMeaning: IntentMeaning<SetWriteDefault> = ({ value }) =>
  value === null
    ? 'Existing rows keep their values; writers have no default any more.'
    : 'Existing rows keep their values; writers that honour it use it where no value is given.'
