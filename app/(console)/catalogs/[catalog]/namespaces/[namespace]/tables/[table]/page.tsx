import { TableOverview } from '@/components/tables/table-overview'
import { tabMetadata } from '@/lib/paths'

export const generateMetadata = tabMetadata('overview')

export default function OverviewPage() {
  return <TableOverview />
}
