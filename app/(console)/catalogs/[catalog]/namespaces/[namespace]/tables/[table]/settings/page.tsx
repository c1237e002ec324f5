import { TableSettings } from '@/components/properties/table-settings'
import { tabMetadata } from '@/lib/paths'

export const generateMetadata = tabMetadata('settings')

export default function SettingsPage() {
  return <TableSettings />
}
