'use client'
import { Modal, Select } from '@mantine/core'
import { useState } from 'react'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZoneChoice } from '@/components/ui/values/use-time-zone'
import { formatExactTime } from '@/lib/format/time'
import { RENAMED_TIME_ZONES } from '@/lib/renamed-time-zones'
import { chooseTimeZone, isTimeZone, systemZoneName } from '@/lib/time-zone'

const SYSTEM = ''
/** More are found by typing. */
const MAX_SHOWN_ZONES = 100

/** Chooses the time zone in which all pages show times. The choice is stored in this browser. */
export function TimeZoneDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { zone, isChosen } = useTimeZoneChoice()
  const nowMs = useNow()
  const [query, setQuery] = useState('')
  const zones = zoneNames(query.trim().replaceAll(' ', '_'), isChosen ? zone : null)
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Time zone"
      size={420}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Select
        label="Show times in"
        description="On all pages, in this browser. Values in tables are never converted."
        data-autofocus
        searchable
        allowDeselect={false}
        limit={MAX_SHOWN_ZONES}
        // The list itself scrolls: the arrow keys of its field scroll it, and a scroll area in it would need another
        // tab stop.
        withScrollArea={false}
        styles={{ options: { maxHeight: 260, overflowY: 'auto' } }}
        searchValue={query}
        onSearchChange={setQuery}
        nothingFoundMessage="No time zone matches."
        value={isChosen ? zone : SYSTEM}
        data={[
          { value: SYSTEM, label: `System (${systemZoneName()})` },
          // People type “new york”.
          ...zones.map((name) => ({ value: name, label: name.replaceAll('_', ' ') })),
        ]}
        onChange={(value) => {
          chooseTimeZone(value === SYSTEM ? null : value)
          onClose()
        }}
      />
      <p>It is now {formatExactTime(nowMs, zone)}.</p>
    </Modal>
  )
}

/**
 * The zones to choose from. The list of a browser has one name per zone, so renamed zones are added under both names, and
 * any other name, for example US/Pacific, can be typed in full.
 */
function zoneNames(typed: string, chosen: string | null): string[] {
  const names = new Set(['UTC', ...listedZones(), ...(chosen === null ? [] : [chosen])])
  const isListed = [...names].some((name) => name.toLowerCase() === typed.toLowerCase())
  return [...names, ...(!isListed && isTimeZone(typed) ? [typed] : [])]
}

let listed: readonly string[] | null = null

/** The zones of the browser. They are listed once: whether it knows a zone takes long to find out. */
function listedZones(): readonly string[] {
  listed ??= [
    ...new Set([...Intl.supportedValuesOf('timeZone'), ...RENAMED_TIME_ZONES.flat().filter(isTimeZone)]),
  ].toSorted()
  return listed
}
