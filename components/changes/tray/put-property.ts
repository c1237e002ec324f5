import type { PendingChanges } from '@/lib/client/table/pending-changes'
import type { Intent } from '@/lib/changes/intents/intent'
import { propertyTarget } from '@/lib/changes/edits/property-target'
import { intentFor, type PropertiesOfTable, type PropertyIntent } from '@/lib/changes/intents/property-intent'

/** Puts the change of a property into the tray, or removes it when the value is back to the current one. */
export function putProperty(
  pending: Pick<PendingChanges, 'put' | 'drop'>,
  table: PropertiesOfTable,
  key: string,
  newValue: string | null,
): void {
  const intent = intentFor(table, key, newValue)
  if (intent === null) pending.drop(propertyTarget(key))
  else pending.put(intent)
}

/** The pending changes of properties, by their names. */
export function pendingProperties(intents: readonly Intent[]): ReadonlyMap<string, PropertyIntent> {
  return new Map(
    intents.flatMap((intent): [string, PropertyIntent][] =>
      intent.kind === 'set-property' || intent.kind === 'remove-property' ? [[intent.key, intent]] : [],
    ),
  )
}

/** The properties as they would be with the pending changes. */
export function propertiesWithPending(
  properties: Readonly<Record<string, string>>,
  intents: readonly Intent[],
): Readonly<Record<string, string>> {
  const after = new Map(Object.entries(properties))
  for (const [key, intent] of pendingProperties(intents)) {
    if (intent.kind === 'set-property') after.set(key, intent.value)
    else after.delete(key)
  }
  return Object.fromEntries(after)
}
