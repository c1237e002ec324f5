import { RowHistory } from '@/components/table/row-history/row-history'
import { tabMetadata } from '@/lib/paths/paths'

export const generateMetadata = tabMetadata('snapshots')

export default function RowHistoryPage() {
  return <RowHistory />
}
