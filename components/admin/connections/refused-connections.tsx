import { Page } from '@/components/shell/page'
import { EmptyState } from '@/components/ui/notes/empty-state'

/** In place of connections, for users who may not see them. Another attempt would not help them. */
export function RefusedConnections() {
  return (
    <Page title="Connections">
      <EmptyState>Only full admins can see connections. Explore has the catalogs that you may read.</EmptyState>
    </Page>
  )
}
