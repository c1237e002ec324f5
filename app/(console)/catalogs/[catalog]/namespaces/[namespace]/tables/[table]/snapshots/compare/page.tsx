import { CompareSnapshots } from '@/components/table/compare/compare-snapshots'
import { tabMetadata } from '@/lib/paths/paths'

export const generateMetadata = tabMetadata('snapshots')

export default function ComparePage() {
  return <CompareSnapshots />
}
