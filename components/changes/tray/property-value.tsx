import { VisibleText } from '@/components/ui/values/visible-text'

/** A property's value. Unset and empty values look different. */
export function PropertyValue({ value }: { value: string | null }) {
  if (value === null) return <em className="quiet">not set</em>
  if (value === '') return <em className="quiet">empty</em>
  return (
    <code>
      <VisibleText>{value}</VisibleText>
    </code>
  )
}
