'use client'
import { Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type SyntheticEvent, useState } from 'react'
import { loadLocationsQuery } from '@/lib/client/jobs/load-locations'
import { formatList } from '@/lib/format/sentence'
import type { TableIdentifier } from '@/lib/names/identifiers'
import classes from './location-browser.module.css'
import { toUrlFile } from './location-files'
import type { LocationFiles } from './use-location-files'

const SHOWN_HOSTS = 5

/** Files that a server sends. Nothing is shown where the operator allows no hosts. */
export function FromUrl({ table, located }: { table: TableIdentifier; located: LocationFiles }) {
  const { data } = useQuery(loadLocationsQuery(table))
  const [isOpen, setOpen] = useState(false)
  const hosts = data?.hosts ?? []
  if (hosts.length === 0) return null
  if (isOpen) return <UrlForm hosts={hosts} located={located} onClose={() => setOpen(false)} />
  return (
    <div className={classes.opener} data-opener>
      <Button size="xs" variant="subtle" onClick={() => setOpen(true)}>
        From a URL
      </Button>
    </div>
  )
}

function UrlForm({
  hosts,
  located,
  onClose,
}: {
  hosts: readonly string[]
  located: LocationFiles
  onClose: () => void
}) {
  const [text, setText] = useState('')
  const url = text.trim()
  const problem = url === '' ? null : findUrlProblem(url)
  const more = hosts.length - SHOWN_HOSTS
  const shown = formatList([...hosts.slice(0, SHOWN_HOSTS), ...(more > 0 ? [`${more} more`] : [])])
  const add = (event: SyntheticEvent) => {
    event.preventDefault()
    if (url === '' || problem !== null) return
    located.add(toUrlFile(url))
    setText('')
  }
  return (
    <form className={classes.url} onSubmit={add}>
      <TextInput
        label="URL of a file"
        description={`Of ${shown}. The worker fetches it when the load starts.`}
        value={text}
        error={problem}
        maxLength={2048}
        autoComplete="off"
        spellCheck={false}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <Button type="submit" size="xs" variant="default" disabled={url === '' || problem !== null}>
        Add the file
      </Button>
      <Button size="xs" variant="subtle" onClick={onClose}>
        Close
      </Button>
    </form>
  )
}

/** The server decides on the host. */
function findUrlProblem(text: string): string | null {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return 'A URL begins with https://.'
  const { username, password } = new URL(text)
  return username === '' && password === '' ? null : 'Use a URL without a user name and a password.'
}
