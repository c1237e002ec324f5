import type { ChangeArea } from '@/lib/changes/intents/intent-description'

export const AREA_TITLES: Record<ChangeArea, string> = {
  schema: 'Schema',
  layout: 'Layout',
  settings: 'Settings',
  snapshots: 'Snapshots',
}
