import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { GroupPage } from '@/components/admin/users/group-page'
import { grantsQuery } from '@/lib/client/access/grants'
import { groupMembersQuery, groupQuery } from '@/lib/client/access/groups'

export const metadata: Metadata = { title: 'Group' }

export default async function OneGroupPage({ params }: { params: Promise<{ group: string }> }) {
  const groupId = decodeURIComponent((await params).group)
  return (
    <FirstView
      queries={[
        ...(groupId === 'everyone' ? [] : [groupQuery(groupId), groupMembersQuery(groupId)]),
        grantsQuery({ kind: groupId === 'everyone' ? 'everyone' : 'group', id: groupId }),
      ]}
    >
      <GroupPage key={groupId} groupId={groupId} />
    </FirstView>
  )
}
