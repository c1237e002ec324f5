import { INTENT_KINDS, type Intent, describeIntent, intentArea, intentTarget } from './intent'
import type { SentencePart } from './intent-description'

/** The list of intents in the tray. */

/** An intent with the members that a page needs before its sentence is loaded. */
export function toPendingChange(intent: Intent) {
  return { target: intentTarget(intent), area: intentArea(intent), intent }
}

/** The list with one more, in the position of an earlier one with the same target. */
export function putIntent(known: readonly Intent[], intent: Intent): readonly Intent[] {
  const target = intentTarget(intent)
  const index = known.findIndex((one) => intentTarget(one) === target)
  return index < 0 ? [...known, intent] : known.with(index, intent)
}

/** Whether a stored value is an intent that can be said in words: another version may have written it. */
export function isSayable(intent: Intent): boolean {
  if (!INTENT_KINDS.includes(intent.kind)) return false
  try {
    return describeIntent(intent).every(isSentencePart)
  } catch {
    return false
  }
}

function isSentencePart(part: SentencePart): boolean {
  if (typeof part === 'string') return true
  const text: unknown = 'name' in part ? part.name : part.value
  return typeof text === 'string' || (text === null && 'value' in part)
}
