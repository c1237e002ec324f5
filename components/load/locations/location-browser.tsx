'use client'
import { Button, TextInput } from '@mantine/core'
import { type Ref, useRef, useState } from 'react'
import { useSettled } from '@/components/ui/use-settled'
import type { TableIdentifier } from '@/lib/names/identifiers'
import classes from './location-browser.module.css'
import { LocationFolder } from './location-folder'
import { LocationMatches } from './location-matches'
import type { LocationFiles } from './use-location-files'

/** Where the browser is: in the list of locations, or in a folder of one of them. */
type Position = { location: string; folder: string } | null

type LocationBrowserProps = {
  table: TableIdentifier
  names: readonly string[]
  located: LocationFiles
  onClose: () => void
}

/** The folders and files of the locations. A file that is ticked is a file of the load; a pattern filters them. */
export function LocationBrowser({ table, names, located, onClose }: LocationBrowserProps) {
  const [position, setPosition] = useState<Position>(
    names.length === 1 ? { location: names[0] ?? '', folder: '' } : null,
  )
  const [pattern, setPattern] = useState('')
  const settled = useSettled(pattern.trim())
  const current = useRef<HTMLButtonElement>(null)
  const open = (next: Position) => {
    setPosition(next)
    setPattern('')
    // The button that was pressed is no longer there.
    requestAnimationFrame(() => current.current?.focus())
  }
  return (
    <section className={classes.browser} aria-label="Files of a location">
      <div className={classes.head}>
        <FolderPath position={position} hasLocations={names.length > 1} current={current} onOpen={open} />
        <Button size="compact-xs" variant="subtle" onClick={onClose}>
          Close
        </Button>
      </div>
      {position === null ? (
        <ul className={classes.list} aria-label="Locations">
          {names.map((name) => (
            <li key={name} className={classes.entry}>
              <button type="button" className={classes.folder} onClick={() => open({ location: name, folder: '' })}>
                {name}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <>
          <TextInput
            size="xs"
            label="Files that match"
            placeholder="2026-*/**.csv"
            description="* is any text within a folder, ** also folders, ? one character. Empty: all files."
            value={pattern}
            maxLength={500}
            spellCheck={false}
            autoComplete="off"
            onChange={({ currentTarget }) => setPattern(currentTarget.value)}
          />
          {pattern.trim() === '' || settled === '' ? (
            <LocationFolder
              table={table}
              position={position}
              located={located}
              onOpen={(folder) => open({ location: position.location, folder })}
            />
          ) : (
            <LocationMatches
              table={table}
              location={position.location}
              match={position.folder === '' ? settled : `${position.folder}/${settled}`}
              located={located}
            />
          )}
        </>
      )}
    </section>
  )
}

function FolderPath({
  position,
  hasLocations,
  current,
  onOpen,
}: {
  position: Position
  hasLocations: boolean
  current: Ref<HTMLButtonElement>
  onOpen: (position: Position) => void
}) {
  const names = position === null || position.folder === '' ? [] : position.folder.split('/')
  const steps: { name: string; position: Position }[] = [
    ...(hasLocations ? [{ name: 'Locations', position: null }] : []),
    ...(position === null ? [] : [{ name: position.location, position: { ...position, folder: '' } }]),
    ...names.map((name, i) => ({
      name,
      position: position && { ...position, folder: names.slice(0, i + 1).join('/') },
    })),
  ]
  return (
    <nav aria-label="Folder" className={classes.path}>
      {steps.map((step, i) => {
        const isCurrent = i === steps.length - 1
        return (
          <span key={JSON.stringify(step.position)}>
            {i > 0 && <span aria-hidden> / </span>}
            <button
              type="button"
              className={classes.step}
              {...(isCurrent && { ref: current, 'aria-current': 'location' as const })}
              onClick={() => onOpen(step.position)}
            >
              {step.name}
            </button>
          </span>
        )
      })}
    </nav>
  )
}
