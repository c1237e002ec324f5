import { FindBrokenCommit } from '@/components/table/broken-commit/find-broken-commit'
import { tabMetadata } from '@/app/page-titles'

export const generateMetadata = tabMetadata('snapshots')

export default function FindPage() {
  return <FindBrokenCommit />
}
