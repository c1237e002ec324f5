'use client'
import { usePermissions } from '@/lib/client/session/permissions'
import { SETTINGS_PAGES } from './destinations'

/** The settings pages that the user may open. */
export function useSettingsPages(): typeof SETTINGS_PAGES {
  const permissions = usePermissions()
  return SETTINGS_PAGES.filter(
    ({ permission }) => permission === undefined || permissions?.includes(permission) === true,
  )
}
