import type { IntentWords } from '../intent-kind'
import { propertyTarget } from '../property-target'

/** `base` is the value that the person saw; null: not set. */
export type SetProperty = { kind: 'set-property'; key: string; value: string; base: string | null }

export const setPropertyWords: IntentWords<SetProperty> = {
  area: 'settings',
  target: ({ key }) => propertyTarget(key),
  sign: ({ base }) => (base === null ? '+' : '~'),
  words: ({ key, value, base }) =>
    base === null
      ? ['Set', { name: key }, 'to', { value }]
      : ['Change', { name: key }, 'from', { value: base }, 'to', { value }],
}
