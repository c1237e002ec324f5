import { SnapshotList } from '@/components/snapshots/snapshot-list'

export default function SnapshotsPage() {
  return <SnapshotList />
}
