'use client'
import { Checkbox, TextInput } from '@mantine/core'
import { useState } from 'react'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { OpenedQuery } from '@/lib/client/query/opened-query'
import type { QueryTab } from '@/lib/client/query/query-tabs'
import { formatList } from '@/lib/format/sentence'
import { paths } from '@/lib/paths/paths'
import { asOfText } from '@/lib/paths/snapshot-paths'
import type { QueryParameter } from '@/lib/query/parameter-types'
import { isUsualDisplay, type ResultDisplay } from '@/lib/query/result-display'
import { asOfLabel } from '../as-of/as-of-label'
import { MAX_ADDRESS_CHARS } from '../tabs/use-query-tabs'
import { namedParameters } from './named-parameters'

export type SharedQuery = {
  /** The text in the editor. */
  sql: string
  /** The text for a page where no connection is chosen. */
  toPortableSql: () => string
  /** The saved query that the text was opened from. */
  opened: OpenedQuery | null
  /** All values of the tab, also those that the text does not name. */
  parameters: readonly QueryParameter[]
  display: ResultDisplay
  /** At what the tables are read for which the text names no version; null for now. */
  asOf: QueryTab['asOf']
}

/** Browsers and proxies limit the length of addresses. */
const MAX_LINK_CHARS = 8000

type Target = 'saved' | 'text'

export function SharePopover({ query, ...state }: LoadedMenuProps & { query: SharedQuery }) {
  return (
    <DialogPopover label="Share" widthPx={400} {...state}>
      <ShareForm {...query} />
    </DialogPopover>
  )
}

function ShareForm({ sql, toPortableSql, opened, parameters, display, asOf }: SharedQuery) {
  const timeZone = useTimeZone()
  const [target, setTarget] = useState<Target>(opened === null ? 'text' : 'saved')
  /** Null until the user decides: a saved query has values and a chart of its own. */
  const [choices, setChoices] = useState<Record<'values' | 'display' | 'asOf', boolean | null>>({
    values: null,
    display: null,
    asOf: null,
  })
  const isSaved = target === 'saved' && opened !== null
  const values = namedParameters(sql, parameters)
  const hasDisplay = !isUsualDisplay(display)
  const takesValues = (choices.values ?? !isSaved) && values.length > 0
  const takesDisplay = (choices.display ?? !isSaved) && hasDisplay
  const takesAsOf = (choices.asOf ?? !isSaved) && asOf !== null
  const linked = {
    ...(takesValues && { parameters: JSON.stringify(values) }),
    ...(takesDisplay && { display: JSON.stringify(display) }),
    ...(takesAsOf && { asOf: asOfText(asOf) }),
  }
  const text = toPortableSql()
  const address = isSaved ? paths.savedQuery(opened.queryId, linked) : paths.query(text, linked)
  const link = window.location.origin + address
  const isTooLong = link.length > MAX_LINK_CHARS || (!isSaved && text.length > MAX_ADDRESS_CHARS)
  return (
    <div className="stack gap-12 padded">
      {opened !== null && (
        <SegmentedChoice<Target>
          label="Share"
          value={target}
          onChange={setTarget}
          options={[
            { value: 'saved', label: 'Saved query' },
            { value: 'text', label: 'This text' },
          ]}
        />
      )}
      <p className="bare secondary">
        {isSaved ? describeSaved(opened, sql) : 'Opens the text as it is now. It does not run by itself.'}
      </p>
      {values.length > 0 && (
        <Checkbox
          label={`With ${values.length > 1 ? 'the values' : 'the value'} of ${formatList(values.map(({ name }) => `$${name}`))}`}
          checked={takesValues}
          onChange={(event) => setChoices({ ...choices, values: event.currentTarget.checked })}
        />
      )}
      {hasDisplay && (
        <Checkbox
          label={display.chart === null ? 'With the view of the result' : 'With the chart of the result'}
          checked={takesDisplay}
          onChange={(event) => setChoices({ ...choices, display: event.currentTarget.checked })}
        />
      )}
      {asOf !== null && (
        <Checkbox
          label={`As of ${asOfLabel(asOf, timeZone)}`}
          description={takesAsOf ? null : 'The link reads the tables as they are when it is opened.'}
          checked={takesAsOf}
          onChange={(event) => setChoices({ ...choices, asOf: event.currentTarget.checked })}
        />
      )}
      {isTooLong ? (
        <p className="bare secondary" tabIndex={-1} data-autofocus>
          The query is too long for a link. Save it, and share the saved query without its values.
        </p>
      ) : (
        <TextInput
          label="Link"
          readOnly
          value={link}
          onFocus={(event) => event.currentTarget.select()}
          rightSection={<CopyButton value={link} label="link" />}
        />
      )}
    </div>
  )
}

function describeSaved({ isShared, sql: savedSql }: OpenedQuery, sql: string): string {
  const newest =
    'Opens the version that is saved at that time, with its values and its chart. It does not run by itself.'
  const sharing = isShared
    ? ' Everyone who may read what it names can open it.'
    : ' Only you can open it, because it is not shared with the team.'
  return newest + sharing + (sql === savedSql ? '' : ' Your changes are not saved, so the link does not have them.')
}
