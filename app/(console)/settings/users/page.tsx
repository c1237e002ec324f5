import { FirstView } from '@/app/first-view'
import { UsersStart } from '@/components/admin/users/users-start'
import { accessRequestsQuery } from '@/lib/client/access/requests'

/** Without a chosen user or group: the requests that wait for an admin. */
export default function Users() {
  return (
    <FirstView queries={[accessRequestsQuery()]}>
      <UsersStart />
    </FirstView>
  )
}
