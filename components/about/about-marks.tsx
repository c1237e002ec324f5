import { isProtected, readAbout } from '@/lib/iceberg/properties/about'
import { MarkChip, ProtectedChip } from './mark-chip'

/** The mark of a thing with these properties, and whether it is protected. */
export function AboutMarks({ properties }: { properties: Readonly<Record<string, string>> }) {
  return (
    <>
      <MarkChip {...readAbout(properties)} />
      {isProtected(properties) && <ProtectedChip />}
    </>
  )
}
