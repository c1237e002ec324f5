import { CompareSnapshots } from '@/components/table/compare/compare-snapshots'
import { tabMetadata } from '@/app/page-titles'

export const generateMetadata = tabMetadata('snapshots')

export default function ComparePage() {
  return <CompareSnapshots />
}
