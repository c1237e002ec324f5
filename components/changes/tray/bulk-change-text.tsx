import { VisibleText } from '@/components/ui/values/visible-text'
import type { BulkChange } from '@/lib/changes/intents/bulk-change'
import { namespaceLabel } from '@/lib/names/identifiers'
import { PropertyValue } from './property-value'

/** A change that many tables get, in one line. */
export function BulkChangeText({ change }: { change: BulkChange }) {
  if (change.kind === 'drop') return <>drop, and keep the files</>
  if (change.kind === 'move')
    return (
      <>
        move to <VisibleText>{namespaceLabel(change.toNamespace)}</VisibleText>
      </>
    )
  if (change.kind === 'grant')
    return (
      <>
        role of <VisibleText>{change.holder.name}</VisibleText> → <PropertyValue value={change.role} />
      </>
    )
  if ('tag' in change)
    return (
      <>
        {change.kind === 'add-tag' ? 'add' : 'remove'} the tag <VisibleText>{change.tag}</VisibleText>
      </>
    )
  return (
    <>
      <VisibleText>{change.key}</VisibleText> →{' '}
      <PropertyValue value={change.kind === 'set-property' ? change.value : null} />
    </>
  )
}
