import { CompareSnapshots } from '@/components/compare/compare-snapshots'
import { tabMetadata } from '@/lib/paths/paths'

export const generateMetadata = tabMetadata('snapshots')

export default function ComparePage() {
  return <CompareSnapshots />
}
