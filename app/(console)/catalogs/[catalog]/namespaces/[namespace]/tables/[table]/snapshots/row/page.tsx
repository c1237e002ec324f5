import { RowHistory } from '@/components/table/row-history/row-history'
import { tabMetadata } from '@/app/page-titles'

export const generateMetadata = tabMetadata('snapshots')

export default function RowHistoryPage() {
  return <RowHistory />
}
