import { TableOverview } from '@/components/tables/table-overview'

export default function OverviewPage() {
  return <TableOverview />
}
