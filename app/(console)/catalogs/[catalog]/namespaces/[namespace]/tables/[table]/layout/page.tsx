import { LayoutTab } from '@/components/table/partitioning/layout-tab'
import { tabMetadata } from '@/app/page-titles'

export const generateMetadata = tabMetadata('layout')

export default function LayoutPage() {
  return <LayoutTab />
}
