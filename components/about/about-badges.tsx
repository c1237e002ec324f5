import { isProtected, readAbout } from '@/lib/iceberg/properties/about'
import { BadgeChip, ProtectedChip } from './badge-chip'

/** The badge of a thing with these properties, and whether it is protected. */
export function AboutBadges({ properties }: { properties: Readonly<Record<string, string>> }) {
  return (
    <>
      <BadgeChip {...readAbout(properties)} />
      {isProtected(properties) && <ProtectedChip />}
    </>
  )
}
