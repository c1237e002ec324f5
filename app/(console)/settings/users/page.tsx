import { FirstView } from '@/app/first-view'
import { UsersStart } from '@/components/users/users-start'
import { openRequestsQuery } from '@/lib/client/access/requests'

/** Nobody is chosen: what waits for an admin. */
export default function Users() {
  return (
    <FirstView queries={[openRequestsQuery()]}>
      <UsersStart />
    </FirstView>
  )
}
