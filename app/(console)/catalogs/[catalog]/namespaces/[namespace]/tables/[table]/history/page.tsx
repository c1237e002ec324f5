import { HistoryList } from '@/components/history/history-list'
import { tabMetadata } from '@/lib/paths'

export const generateMetadata = tabMetadata('history')

export default function HistoryPage() {
  return <HistoryList />
}
