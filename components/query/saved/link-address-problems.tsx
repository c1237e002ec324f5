'use client'
import { useState } from 'react'
import { AddressNote, AddressProblems } from '@/components/ui/notes/address-problems'
import { LINK_ADDRESS_CHECKS } from './link-address-checks'

/** Says which values of a link cannot be read. Those that can be read are taken out of the address. */
export function LinkAddressProblems({ hasDamagedText }: { hasDamagedText: boolean }) {
  const [isDismissed, setDismissed] = useState(false)
  return (
    <>
      {hasDamagedText && !isDismissed && (
        <AddressNote action="Dismiss" onAction={() => setDismissed(true)}>
          The text in ?sql= contains an invalid percent sequence. A part of the link may be missing.
        </AddressNote>
      )}
      <AddressProblems checks={LINK_ADDRESS_CHECKS} />
    </>
  )
}
