import type { IntentWords } from '../intent-kind'
import { propertyTarget } from '../property-target'

/** `base` is the value that the person saw; null: not set. */
export type RemoveProperty = { kind: 'remove-property'; key: string; base: string | null }

export const removePropertyWords: IntentWords<RemoveProperty> = {
  area: 'settings',
  target: ({ key }) => propertyTarget(key),
  sign: () => '−',
  words: ({ key, base }) => ['Remove', { name: key }, '(was', { value: base }, ')'],
}
