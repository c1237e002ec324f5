'use client'
import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '@/lib/client/session'
import { SETTINGS_PAGES } from './places'

/** The pages of the settings that the person may open; what would be refused is not offered. */
export function useSettingsPages(): typeof SETTINGS_PAGES {
  const { data: session } = useQuery(sessionQuery())
  return SETTINGS_PAGES.filter(
    ({ permission }) => permission === undefined || session?.permissions.includes(permission) === true,
  )
}
