'use client'
import { toListing } from '@/components/ui/table/listing'
import { Autocomplete } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useSettled } from '@/components/ui/use-settled'
import { useAddMember } from '@/lib/client/access/groups'
import { usersQuery } from '@/lib/client/access/users'
import classes from './users.module.css'

/** Adds a user by name. Names are offered once the field has the focus. */
export function AddMember({ groupId }: { groupId: string }) {
  const [name, setName] = useState('')
  const [isRequested, setRequested] = useState(false)
  const query = useSettled(name.trim())
  const users = useInfiniteQuery({ ...usersQuery(query, groupId), enabled: isRequested })
  const add = useAddMember(groupId)
  // The server searches as the user types, and finds a whole name before all names that contain it.
  const offered = toListing(users, (page) => page.users).rows
  const chosen = offered.find(({ username }) => username === name.trim())
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (chosen) add.mutate(chosen.userId, { onSuccess: () => setName('') })
  }
  return (
    <form onSubmit={submit}>
      <div className={classes.addMember}>
        <Autocomplete
          aria-label="Username"
          placeholder="Username"
          value={name}
          onChange={setName}
          onFocus={() => setRequested(true)}
          data={[...new Set(offered.map(({ username }) => username))]}
          limit={20}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
        <WaitingButton type="submit" variant="default" loading={add.isPending} disabled={chosen === undefined}>
          Add
        </WaitingButton>
      </div>
      {add.error && (
        <div className="padded">
          <ProblemNote error={add.error} unchanged="Nobody was added." />
        </div>
      )}
    </form>
  )
}
