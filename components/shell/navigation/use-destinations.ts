'use client'
import { useMemo } from 'react'
import { usePermissions } from '@/lib/client/session/permissions'
import { DESTINATIONS } from './destinations'

/** The destinations that the user may open, without the settings. */
export function useDestinations(): typeof DESTINATIONS {
  const permissions = usePermissions()
  return useMemo(
    () =>
      DESTINATIONS.filter(({ permission }) => permission === undefined || permissions?.includes(permission) === true),
    [permissions],
  )
}
