import { FirstView } from '@/app/first-view'
import { UsersStart } from '@/components/admin/users/users-start'
import { accessRequestsQuery } from '@/lib/client/access/requests'

/** Nobody is chosen: what waits for an admin. */
export default function Users() {
  return (
    <FirstView queries={[accessRequestsQuery()]}>
      <UsersStart />
    </FirstView>
  )
}
