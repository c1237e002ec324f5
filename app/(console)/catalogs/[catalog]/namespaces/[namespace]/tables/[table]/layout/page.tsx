import { LayoutTab } from '@/components/table/partitioning/layout-tab'
import { tabMetadata } from '@/lib/paths/paths'

export const generateMetadata = tabMetadata('layout')

export default function LayoutPage() {
  return <LayoutTab />
}
