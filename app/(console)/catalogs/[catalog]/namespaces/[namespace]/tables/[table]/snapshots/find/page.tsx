import { FindBrokenCommit } from '@/components/table/broken-commit/find-broken-commit'
import { tabMetadata } from '@/lib/paths/paths'

export const generateMetadata = tabMetadata('snapshots')

export default function FindPage() {
  return <FindBrokenCommit />
}
