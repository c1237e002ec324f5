import { TableSettings } from '@/components/properties/table-settings'

export default function SettingsPage() {
  return <TableSettings />
}
