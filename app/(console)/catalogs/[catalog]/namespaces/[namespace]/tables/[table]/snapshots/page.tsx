import { SnapshotList } from '@/components/snapshots/snapshot-list'
import { tabMetadata } from '@/lib/paths'

export const generateMetadata = tabMetadata('snapshots')

export default function SnapshotsPage() {
  return <SnapshotList />
}
