'use client'
import { Checkbox, TextInput } from '@mantine/core'
import { useState } from 'react'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import type { OpenedQuery } from '@/lib/client/query/opened-query'
import { formatList } from '@/lib/format/sentence'
import { paths } from '@/lib/paths/paths'
import type { QueryParameter } from '@/lib/query/parameter-types'
import { isUsualDisplay, type ResultDisplay } from '@/lib/query/result-display'
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

function ShareForm({ sql, toPortableSql, opened, parameters, display }: SharedQuery) {
  const [target, setTarget] = useState<Target>(opened === null ? 'text' : 'saved')
  /** Null until the user decides: a saved query has values and a chart of its own. */
  const [choices, setChoices] = useState<{ values: boolean | null; display: boolean | null }>({
    values: null,
    display: null,
  })
  const isSaved = target === 'saved' && opened !== null
  const values = namedParameters(sql, parameters)
  const hasDisplay = !isUsualDisplay(display)
  const takesValues = (choices.values ?? !isSaved) && values.length > 0
  const takesDisplay = (choices.display ?? !isSaved) && hasDisplay
  const linked = {
    ...(takesValues && { parameters: JSON.stringify(values) }),
    ...(takesDisplay && { display: JSON.stringify(display) }),
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
  const newest = 'Opens the query as it is saved then, with its values and its chart. It does not run by itself.'
  const sharing = isShared ? '' : ' Only you can open it, because it is not shared with the team.'
  return newest + sharing + (sql === savedSql ? '' : ' Your changes are not saved, so the link does not have them.')
}
