'use client'
import { toListing } from '@/components/ui/table/listing'
import { IconUsers } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { FilterField } from '@/components/ui/controls/filter-field'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { useSettled } from '@/components/ui/use-settled'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { EVERYONE_ID, groupsQuery } from '@/lib/client/access/groups'
import { usersQuery } from '@/lib/client/access/users'
import type { Group, User } from '@/lib/contract/access'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { initials } from '@/lib/format/initials'
import { nameFilter } from '@/lib/search/name-filter'
import { paths } from '@/lib/paths/paths'
import classes from './people-list.module.css'

/** Users, page after page, and all groups. The filter is for both. */
export function PeopleList() {
  const [filter, setFilter] = useState('')
  const query = useSettled(filter.trim())
  const users = useInfiniteQuery(usersQuery(query))
  const groups = useQuery(groupsQuery())
  const { rows: shownUsers } = toListing(users, (page) => page.users)
  const isMatch = nameFilter(query)
  const shownGroups = (groups.data ?? []).filter(({ name }) => isMatch(name))
  const isEveryoneShown = isMatch('everyone')
  return (
    <nav className={classes.list} aria-label="People and groups">
      <div className={classes.filter}>
        <FilterField label="Filter people and groups" value={filter} onChange={setFilter} hasSlashShortcut />
      </div>
      <Section
        title="People"
        count={users.data ? `${formatCount(shownUsers.length)}${users.hasNextPage ? ' so far' : ''}` : ''}
      >
        {users.data === undefined ? (
          <Unloaded query={users} subject="The list of users" className="padded" skeleton={[6, 1, 'Reading users']} />
        ) : shownUsers.length === 0 ? (
          <p className={classes.nothing}>No users match “{query}”.</p>
        ) : (
          <ul className="bare-list">
            {shownUsers.map((user) => (
              <UserItem key={user.userId} user={user} />
            ))}
          </ul>
        )}
        <NextPageButton query={users}>Show more people</NextPageButton>
      </Section>
      <Section title="Groups" count={groups.data ? formatCount(shownGroups.length + (isEveryoneShown ? 1 : 0)) : ''}>
        {!groups.isSuccess ? (
          <Unloaded
            query={groups}
            subject="The list of groups"
            className="padded"
            skeleton={[3, 1, 'Reading groups']}
          />
        ) : shownGroups.length === 0 && !isEveryoneShown ? (
          <p className={classes.nothing}>No groups match “{query}”.</p>
        ) : (
          <ul className="bare-list">
            {shownGroups.map((group) => (
              <GroupItem key={group.groupId} group={group} />
            ))}
            {isEveryoneShown && (
              <Item
                href={paths.group(EVERYONE_ID)}
                mark={<IconUsers size={15} stroke={1.6} aria-hidden />}
                name="everyone"
                top={null}
                below="all users"
                end={null}
              />
            )}
          </ul>
        )}
      </Section>
    </nav>
  )
}

function Section({ title, count, children }: { title: string; count: string; children: ReactNode }) {
  return (
    <section className={classes.section} aria-label={title}>
      <h2 className={classes.heading}>
        {title} <span className={classes.count}>{count}</span>
      </h2>
      <div className={classes.scroller}>{children}</div>
    </section>
  )
}

function UserItem({ user }: { user: User }) {
  const { userId, username, role, groups, disabledAtMs, lastSeenAtMs, isService } = user
  return (
    <Item
      href={paths.user(userId)}
      mark={initials(username)}
      name={username}
      isOff={disabledAtMs !== null}
      top={
        disabledAtMs !== null ? (
          <span className="quiet">disabled</span>
        ) : (
          (role ?? <span className="quiet">grants only</span>)
        )
      }
      below={[
        ...(isService ? ['service account'] : []),
        ...(groups.length === 0 ? (isService ? [] : ['no groups']) : groups.map(({ name }) => name)),
      ].join(', ')}
      end={lastSeenAtMs === null ? 'never' : <RelativeTime atMs={lastSeenAtMs} />}
    />
  )
}

function GroupItem({ group }: { group: Group }) {
  return (
    <Item
      href={paths.group(group.groupId)}
      mark={<IconUsers size={15} stroke={1.6} aria-hidden />}
      name={group.name}
      top={group.source === 'provider' ? <span className="quiet">from the provider</span> : null}
      below={formatQuantity(group.memberCount, 'person', 'people')}
      end={null}
    />
  )
}

function Item({
  href,
  mark,
  name,
  isOff = false,
  top,
  below,
  end,
}: {
  href: string
  mark: ReactNode
  name: string
  isOff?: boolean
  top: ReactNode
  below: string
  end: ReactNode
}) {
  const isCurrent = usePathname() === href
  return (
    <li>
      <Link
        href={href}
        className={classes.item ?? ''}
        prefetch={false}
        scroll={false}
        data-off={isOff || undefined}
        {...(isCurrent && { 'aria-current': 'page' })}
      >
        <span className={classes.mark} aria-hidden>
          {mark}
        </span>
        <span className={classes.words}>
          <span className={classes.name}>
            <VisibleText>{name}</VisibleText>
          </span>
          <span className={classes.below}>
            <VisibleText>{below}</VisibleText>
          </span>
        </span>
        <span className={classes.end}>
          <span>{top}</span>
          <span className={classes.below}>{end}</span>
        </span>
      </Link>
    </li>
  )
}
