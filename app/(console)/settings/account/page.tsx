import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { Account } from '@/components/admin/account/account'
import { accessRequestsQuery } from '@/lib/client/access/requests'
import { ownCredentialsQuery } from '@/lib/client/connections'

export const metadata: Metadata = { title: 'Account' }

export default function AccountPage() {
  return (
    <FirstView queries={[ownCredentialsQuery(), accessRequestsQuery()]}>
      <Account />
    </FirstView>
  )
}
