'use client'
import { usePermissions } from '@/lib/client/permissions'
import { SETTINGS_PAGES } from './destinations'

/** The pages of the settings that the person may open; what would be refused is not offered. */
export function useSettingsPages(): typeof SETTINGS_PAGES {
  const permissions = usePermissions()
  return SETTINGS_PAGES.filter(
    ({ permission }) => permission === undefined || permissions?.includes(permission) === true,
  )
}
