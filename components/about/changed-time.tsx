import { PropertyValue } from '@/components/changes/tray/property-value'
import { ExactTime } from '@/components/ui/values/exact-time'
import { formatExactTime } from '@/lib/format/time'

/** A value of a change that is an instant in ISO 8601, as times are shown elsewhere. */
export function ChangedTime({ value }: { value: string | null }) {
  const atMs = Date.parse(value ?? '')
  return Number.isNaN(atMs) ? <PropertyValue value={value} /> : <ExactTime atMs={atMs} />
}

/** The same as plain text. */
export function changedTimeText(value: string | null, timeZone: string): string | null {
  const atMs = Date.parse(value ?? '')
  return Number.isNaN(atMs) ? value : formatExactTime(atMs, timeZone)
}
