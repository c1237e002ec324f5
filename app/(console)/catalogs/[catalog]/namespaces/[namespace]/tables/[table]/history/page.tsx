import { HistoryList } from '@/components/history/history-list'

export default function HistoryPage() {
  return <HistoryList />
}
