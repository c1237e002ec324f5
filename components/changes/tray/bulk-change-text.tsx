import { VisibleText } from '@/components/ui/values/visible-text'
import type { BulkChange } from '@/lib/changes/intents/bulk-change'
import { PropertyValue } from './property-value'

/** A change that many tables get, in one line. */
export function BulkChangeText({ change }: { change: BulkChange }) {
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
